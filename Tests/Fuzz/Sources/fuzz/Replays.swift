import CFuzzer
import Glibc
import Pair
import Reactor

@testable import Conformance

/// How long one replay may take, in seconds: a run that ends for that alone is told as hung.
private let patience = 2.0

/// Replays a file of any bytes as far as it is a valid trace, in this process: over the network in memory and its clock, or over
/// tunnels in memory.
///
/// However strange, it ends with a verdict, and leaves nothing open.
func fuzzReplay(_ bytes: RawSpan) {
  let copy = bytes.copy
  guard let recording = recording(copy) else { return }
  let backEnd: BackEnd = recording.events.count.isMultiple(of: 2) ? .epoll : .poll
  let part = ReplayPart.allCases[recording.events.count % ReplayPart.allCases.count]
  let first = firstFreeDescriptor()
  var result = CaseResult(file: "input", name: "input", backEnd: backEnd.rawValue, verdict: .notRun("nothing was done"))
  let sink = CountingSink()
  use(
    CaseReplay.play(
      recording, on: backEnd, in: .memory, part: part, within: patience, into: sink, capturing: true, &result))
  check(result.consumed <= result.expected, "more was consumed than there is")
  check(sink.count <= 200_000, "a run without an end")
  check(firstFreeDescriptor() == first, "a replay leaves a descriptor open")
  let report = TextReport()
  use(report.line(result))
  use(report.details(result))
  use(result.json.text)
}

/// Compares a recording with itself and with an altered one, both ways.
func fuzzJudge(_ bytes: RawSpan) {
  let copy = bytes.copy
  guard let one = recording(copy) else { return }
  judge(one, one)
  var chance = Chance(state: UInt64(copy.count))
  guard var forest = Forest(copy), forest.alter(&chance), let altered = forest.bytes(), let other = recording(altered)
  else { return }
  judge(one, other)
  judge(other, one)
}

private func judge(_ expected: Recording, _ happened: Recording) {
  let found = compare(expected, happened)
  check(found.consumed <= found.expected, "more was consumed than there is")
  if let divergence = found.divergence {
    let result = CaseResult(
      file: "input", name: "input", backEnd: "recorded", verdict: .diverged(Divergence(divergence, in: expected)))
    use(TextReport().details(result))
    use(result.json.text)
  }
}

private func recording(_ bytes: [UInt8]) -> Recording? {
  do {
    try TraceValidator.validate(bytes: bytes, limits: traceLimits, demandsCanonicalForm: false)
    return try Recording(try TraceFile(bytes: bytes, limits: traceLimits))
  } catch {
    return nil
  }
}

/// Counts events and lets them go.
private final class CountingSink: EventSink {
  private(set) var count = 0

  func take(_ event: TraceEvent) { count += 1 }
}

private func firstFreeDescriptor() -> Int32 {
  let descriptor = dup(STDERR_FILENO)
  check(descriptor >= 0, "no descriptor is free")
  close(descriptor)
  return descriptor
}
