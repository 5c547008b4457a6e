/// An address with one text form, which is also what it is encoded as.
///
/// Reading is strict and says where it failed. `init(_:)` on a conforming type throws; generic code that knows no more
/// than `LosslessStringConvertible` gets nil in its place. For every value, reading its `description` gives the value
/// back.
public protocol TextualAddress: Hashable, Sendable, Codable, LosslessStringConvertible {
  /// Reads the text form from its UTF-8 bytes.
  ///
  /// - Parameter utf8: The whole text, and nothing after it.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  init(utf8: Span<UInt8>) throws(AddressError)

  /// Reads the text form.
  ///
  /// - Parameter text: The whole text, and nothing after it.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  init(_ text: String) throws(AddressError)
}

extension TextualAddress {
  /// Reads the text form, for generic code over `LosslessStringConvertible`.
  ///
  /// It is disfavoured, so that `T(text)` on a known type is always the throwing one, under `try?` too.
  ///
  /// - Parameter description: The whole text. Nil is the result where the throwing initialiser throws.
  @_disfavoredOverload
  public init?(_ description: String) {
    do throws(AddressError) {
      try self.init(utf8: description.utf8.span)
    } catch {
      return nil
    }
  }

  /// Reads the text form from a single-value container.
  ///
  /// - Parameter decoder: The decoder to read a string from.
  /// - Throws: `DecodingError.dataCorrupted`, with the `AddressError` beneath, for a malformed text; whatever the
  ///   decoder throws where there is no string.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(AddressError) {
      try self.init(text)
    } catch {
      throw DecodingError.dataCorrupted(error.decodingContext(at: container.codingPath))
    }
  }

  /// Writes the text form into a single-value container.
  ///
  /// - Parameter encoder: The encoder to write a string to.
  /// - Throws: Whatever the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension AddressError {
  /// The context in which a decoder reports this error.
  func decodingContext(at path: [any CodingKey]) -> DecodingError.Context {
    DecodingError.Context(codingPath: path, debugDescription: description, underlyingError: self)
  }
}
