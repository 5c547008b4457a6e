/// Compares two recordings by the rules of a replay, with no system under test.
public enum RecordingComparison {
  /// Judges one recording as a run of another.
  ///
  /// - Parameters:
  ///   - expected: The path of the recording that says what is right.
  ///   - happened: The path of the one that is judged.
  /// - Returns: The result, about the first file.
  /// - Throws: `TraceError` when one of them cannot be read, is cut off, or cannot be judged.
  public static func run(expected: String, happened: String) throws(TraceError) -> CaseResult {
    let began = TraceRecorder.monotonicNanoseconds()
    let (one, other) = (try read(expected), try read(happened))
    let verdict = compare(one, other)
    return CaseResult(
      file: expected, name: one.header.caseName ?? expected,
      backEnd: other.header.producer["reactor"]?.text ?? "recorded",
      verdict: verdict.divergence.map { .diverged(Divergence($0, in: one)) } ?? .agrees, consumed: verdict.consumed,
      expected: verdict.expected, freedoms: verdict.freedomCounts,
      seconds: Double(TraceRecorder.monotonicNanoseconds() - began) / 1e9)
  }

  private static func read(_ path: String) throws(TraceError) -> Recording {
    try TraceValidator.validate(path: path)
    return try Recording(try TraceFile(path: path))
  }
}
