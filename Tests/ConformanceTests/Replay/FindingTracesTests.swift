import Foundation
import Testing

@testable import Conformance

@Suite struct FindingTracesTests {
  /// A folder with traces and other files.
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "skein-corpus-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in [
      ("b.yaml", "format: skein-trace\n"), ("a/one.yaml", "format: skein-trace\n"),
      ("a/two.yaml", "format: skein-trace\n"),
      ("a/other.yaml", "name: something else\n"), ("a/notes.txt", "format: skein-trace\n"),
      ("kept.yaml", "format: skein-kept\n"), ("manifest.yaml", "format: skein-trace\n"),
      (".hidden/x.yaml", "format: skein-trace\n"),
    ] {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    try body(folder.path)
  }

  @Test func `a folder stands for the traces below it, by name, and nothing else`() throws {
    try Self.withFolder { folder in
      let found = try Corpus.traces(named: [folder])
      #expect(found == ["\(folder)/a/one.yaml", "\(folder)/a/two.yaml", "\(folder)/b.yaml"])
    }
  }

  @Test func `a pattern stands for the traces that match, and each file is taken once`() throws {
    try Self.withFolder { folder in
      let found = try Corpus.traces(named: ["\(folder)/a/*.yaml", "\(folder)/a/one.yaml"])
      #expect(found == ["\(folder)/a/one.yaml", "\(folder)/a/two.yaml"])
    }
  }

  @Test func `a file that is named is taken as it is, so that a wrong one is told`() throws {
    try Self.withFolder { folder in
      let found = try Corpus.traces(named: ["\(folder)/a/other.yaml"])
      #expect(found == ["\(folder)/a/other.yaml"])
    }
  }

  @Test func `what names nothing is an error that says so`() throws {
    try Self.withFolder { folder in
      #expect(throws: CorpusError.noSuchFile("\(folder)/c.yaml")) { try Corpus.traces(named: ["\(folder)/c.yaml"]) }
      #expect(throws: CorpusError.nothingMatches("\(folder)/*.txt")) { try Corpus.traces(named: ["\(folder)/*.txt"]) }
      #expect(throws: CorpusError.noTraces(["\(folder)/a/*.txt"])) { try Corpus.traces(named: ["\(folder)/a/*.txt"]) }
      #expect(throws: CorpusError.noTraces([])) { try Corpus.traces(named: []) }
    }
  }
}
