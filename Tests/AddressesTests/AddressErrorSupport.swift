import Addresses
import Testing

/// Expects `body` to throw exactly this error.
func expectError(
  _ subject: AddressError.Subject, _ expected: AddressError.Expectation, _ found: AddressError.Found, at position: Int,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(AddressError) -> Void
) {
  let error = AddressError(subject, expected: expected, found: found, position: position)
  do throws(AddressError) {
    try body()
    Issue.record("nothing was thrown; expected \(error)", sourceLocation: sourceLocation)
  } catch let thrown {
    #expect(thrown == error, sourceLocation: sourceLocation)
  }
}

/// A text that is refused, and how.
struct Malformed: Sendable, CustomTestStringConvertible {
  let text: String
  let expected: AddressError.Expectation
  let position: Int

  init(_ text: String, _ expected: AddressError.Expectation, _ position: Int) {
    self.text = text
    self.expected = expected
    self.position = position
  }

  /// What stands at the position.
  var found: AddressError.Found {
    let bytes = Array(text.utf8)
    return position < bytes.count ? .byte(bytes[position]) : .end
  }

  var testDescription: String { text.debugDescription }
}
