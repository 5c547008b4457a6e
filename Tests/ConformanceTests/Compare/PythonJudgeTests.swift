import Foundation
import Testing

@testable import Conformance

/// The judge of the Python package gives the same verdicts.
@Suite struct PythonJudgeTests {
  /// The Python that Tools/run-tests makes, or the one that the environment names.
  private static let python =
    ProcessInfo.processInfo.environment["SKEIN_PYTHON"] ?? FormatFixtures.root + "/.venv/bin/python"
  private static let hasPython = FileManager.default.isExecutableFile(atPath: python)

  /// Judges each pair of files that a line names: what was broken, where, and how many events came.
  private static let judge = """
    import sys
    from skeintrace.format import read
    from skeintrace.judge.compare import compare
    from skeintrace.judge.recording import recording
    def load(path):  # Unlike a command, it takes what no program could have done: an altered trace.
        trace = read(path)
        return recording([trace.header, *trace.events, {"eof": trace.eof}], path)
    for line in sys.stdin:
        expected, happened = line.rstrip("\\n").split("\\t")
        found = compare(load(expected), load(happened))
        broken = f"{found.divergence.rule} at {found.divergence.expected}" if found.divergence else "agrees"
        print(f"{broken}; {found.consumed} of {found.expected}, {found.happened} happened", flush=True)
    """

  private func spelled(_ found: Judgement) -> String {
    let broken = found.divergence.map { "\($0.rule) at \($0.expected.map(String.init) ?? "None")" } ?? "agrees"
    return "\(broken); \(found.consumed) of \(found.expected), \(found.happened) happened"
  }

  private func judgedByPython(_ pairs: [(String, String)], in folder: URL) throws -> [String] {
    // Files, not pipes: neither side can then wait for the other.
    let input = folder.appending(path: "pairs")
    let output = folder.appending(path: "verdicts")
    try Data(pairs.map { "\($0)\t\($1)\n" }.joined().utf8).write(to: input)
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments = ["-c", Self.judge]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PYTHONPATH": FormatFixtures.root + "/Tools/skeintrace/src"]) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test(
    .enabled(if: hasPython, "needs the Python package's environment"),
    arguments: FormatFixtures.corpus.filter { path in
      let folders = ["/TCP4Client/", "/TCPConnection/", "/test_core/", "/test_time/", "/test_threads/", "/test_fdset/"]
      return (folders + ["/programs/", "/wild/endings", "/wild/line"]).contains { path.contains($0) }
    })
  func `both judges say the same of altered traces, both ways`(path: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "judges-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try TraceFile(path: path)
    let recorded = try Recording(file)
    var pairs: [(String, String)] = []
    var verdicts: [String] = []
    var seen: [Mutant.Kind: Int] = [:]
    try Mutant.forEach(of: file) { mutant in
      // A few of each kind.
      seen[mutant.kind, default: 0] += 1
      guard seen[mutant.kind, default: 0] % 5 == 1 else { return }
      let name = folder.appending(path: "\(pairs.count).yaml").path
      try mutant.trace.write(to: FileSink(path: name))
      let altered = try Recording(mutant.trace)
      pairs += [(name, path), (path, name)]
      verdicts += [spelled(compare(altered, recorded)), spelled(compare(recorded, altered))]
    }
    let theirs = try judgedByPython(pairs, in: folder)
    #expect(theirs.count == pairs.count)
    for (pair, (ours, theirs)) in zip(pairs, zip(verdicts, theirs)) {
      #expect(ours == theirs, "\(pair)")
    }
  }
}
