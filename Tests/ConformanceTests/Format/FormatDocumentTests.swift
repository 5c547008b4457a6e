import Testing

@testable import Conformance

/// The document, its grammar and its schema say the same as the code.
@Suite struct FormatDocumentTests {
  @Test func `the examples of the document validate`() throws {
    let traces = FormatFixtures.examples("yaml")
    #expect(!traces.isEmpty)
    for text in traces {
      #expect(try TraceValidator.validate(bytes: Array(text.utf8)) > 0)
    }
  }

  @Test(arguments: FormatFixtures.good)
  func `the grammar matches a canonical file`(path: String) throws {
    let grammar = try ABNF(#require(FormatFixtures.examples("abnf").first))
    #expect(grammar.matches("trace", FormatFixtures.bytes(path)))
  }

  @Test(arguments: FormatFixtures.bad.filter { !["not-ascii", "character"].contains($0.code) })
  func `the scanner takes no line that the grammar does not match`(bad: FormatFixtures.Bad) throws {
    let grammar = try ABNF(#require(FormatFixtures.examples("abnf").first))
    var taken = 0
    for line in FormatFixtures.bytes(bad.path).split(separator: UInt8(ascii: "\n")) where line.count < 20_000 {
      guard line.starts(with: "--- ".utf8), line.allSatisfy({ (0x20...0x7E).contains($0) }) else { continue }
      var scanner = LineScanner(Array(line), from: 4, budget: TraceBudget(TraceLimits()))
      guard let (value, _) = scanner.scan(), value.mapping != nil else { continue }
      taken += 1
      #expect(grammar.matches("event", Array(line)), "\(String(decoding: line, as: UTF8.self))")
      if taken > 50 { break }
    }
  }

  @Test(arguments: FormatFixtures.good.filter { !$0.hasSuffix("/features.yaml") })
  func `the schema takes every document of a good file`(path: String) throws {
    let schema = try JSONSchema(FormatFixtures.text(FormatFixtures.schema))
    let file = try TraceFile(path: path)
    #expect(schema.accepts(.mapping(file.header.fields)))
    for (line, event) in file.events {
      #expect(schema.accepts(.mapping(event.fields)), "line \(line)")
    }
    let end = try #require(file.end)
    #expect(schema.accepts(.mapping(end.fields)))
  }

  private static let byItself: Set<String> = [
    "type", "outcome", "missing-key", "unknown-key", "unknown-kind", "unknown-form",
  ]
  /// What the schema does not say: that a parent is the loop, what a file may be called, of what a `check` has to be; and a
  /// document that is no mapping.
  private static let needsMore: Set<String> = [
    "turn-missing.yaml", "phase-missing.yaml", "list-event.yaml", "capture-elsewhere.yaml", "check-of-nothing.yaml",
  ]

  @Test(arguments: FormatFixtures.bad.filter { byItself.contains($0.code) && !needsMore.contains($0.name) })
  func `the schema refuses a document that is wrong by itself`(bad: FormatFixtures.Bad) throws {
    let schema = try JSONSchema(FormatFixtures.text(FormatFixtures.schema))
    let file = try TraceFile(path: bad.path)
    let documents = [file.header.fields] + file.events.map(\.event.fields) + [file.end?.fields].compactMap { $0 }
    #expect(!documents.allSatisfy { schema.accepts(.mapping($0)) })
  }

  @Test func `the vocabulary finds members, forms and kinds of objects`() {
    let write = Vocabulary.member(of: "transport", side: .call, name: "write")
    #expect(write?.arguments == ["data"])
    #expect(write?.twisted == "ITransport.write")
    let inherited = Vocabulary.member(of: "reader", side: .call, name: "super.connectionLost")
    #expect(inherited?.name == "connectionLost")
    #expect(Vocabulary.member(of: "transport", side: .back, name: "write") == nil)
    #expect(Vocabulary.kind(ofObject: "transport-12") == "transport")
    #expect(Vocabulary.kind(ofObject: "task") == "task")
    #expect(Vocabulary.kind(ofObject: "half-close") == "half-close")
    #expect(TraceValue.mapping(["error": "lost", "port": "p-1"]).form == "error")
    #expect(TraceValue.mapping(["port": "p-1"]).form == "port")
    #expect(TraceValue.mapping(["nothing": "p-1"]).form == nil)
    #expect(Vocabulary.allFamilies.contains { $0.name == "refused" && $0.twisted.hasSuffix("ConnectionRefusedError") })
    #expect(Set(Vocabulary.allFamilies.map(\.name)).count == Vocabulary.allFamilies.count)
  }
}
