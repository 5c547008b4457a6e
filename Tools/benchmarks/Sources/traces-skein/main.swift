// A trace read by `TraceReader`, each event decoded, or written by `TraceWriter`, as many times over as each line of the
// standard input says; answers each line with the nanoseconds it took and how many events there were.
//   traces-skein read|write FILE
import Conformance
import Glibc

/// Counts what is written.
final class Counter: TraceSink {
  var written = 0

  func write(_ bytes: [UInt8]) { written += bytes.count }
}

func readAll(_ path: String) throws -> Int {
  var reader = try TraceReader(path: path)
  var count = 0
  while let event = try reader.next() { count += event.fields.isEmpty ? 0 : 1 }
  return count
}

func writeAll(_ trace: TraceFile) throws -> Int {
  let counter = Counter()
  let writer = try TraceWriter(header: trace.header, to: counter)
  for (_, event) in trace.events { try writer.write(event) }
  try writer.finish()
  return counter.written > 0 ? trace.events.count + 1 : 0
}

func now() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

guard CommandLine.arguments.count == 3 else {
  print("traces-skein: expected: read|write FILE")
  exit(1)
}
let path = CommandLine.arguments[2]
let trace = CommandLine.arguments[1] == "write" ? try TraceFile(path: path) : nil
while let line = readLine(), let passes = Int(line) {
  let began = now()
  var count = 0
  for _ in 0..<passes { count = try trace.map(writeAll) ?? readAll(path) }
  print(now() - began, count)
  fflush(nil)
}
