/// The protocols that a layer hands up to, by their numbers.
struct ReceiverTable<Receiver> {
  private var receivers: [Int: [Receiver]] = [:]

  /// Adds a protocol for a number.
  ///
  /// - Parameters:
  ///   - receiver: The protocol.
  ///   - number: The number.
  ///   - bits: How many bits the layer allows.
  /// - Throws: ``AddProtocolError`` for the number.
  mutating func add(_ receiver: Receiver, for number: Int, bits: Int) throws(AddProtocolError) {
    if number < 0 { throw .negative }
    if number >= 1 << bits { throw .tooBig(bits: bits) }
    receivers[number, default: []].append(receiver)
  }

  /// One of a number's protocols, or `nil` after the last; who goes through them sees those that are added meanwhile.
  subscript(number: Int, index: Int) -> Receiver? {
    guard let list = receivers[number], index < list.count else { return nil }
    return list[index]
  }
}
