import Testing

@testable import Conformance

@Suite struct JSONTests {
  static let samples: [JSON] = [
    .null, true, false, 0, -7, .double(0.5), "", "a \"quoted\" \\ text", "line\nbreak and \u{1B}[31m colour", "ünï 🎈",
    .array([]), .array([1, "two", .null]), .object([]),
    JSON(["name": "x", "left out": nil, "nested": .array([JSON(["deep": true])])]),
  ]

  @Test(arguments: samples)
  func `what is written is read back`(_ value: JSON) throws {
    #expect(try JSON(parsing: value.text) == value)
  }

  @Test(arguments: samples)
  func `the text is one line of printable ASCII`(_ value: JSON) {
    #expect(value.text.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
  }

  @Test(arguments: ["", "{", "[1,", "\"open", "{\"a\" 1}", "tru", "1 2", "\"\\u12\"", "{\"a\": }", "\u{1}"])
  func `what is no JSON is refused`(_ text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test func `deep nesting is refused and does not overflow the stack`() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test func `a surrogate pair is one character`() throws {
    #expect(try JSON(parsing: "\"\\ud83c\\udf88\"") == "🎈")
  }
}
