/// A fragment in borrowed bytes.
struct Fragment: ~Escapable {
  let offset: Int
  let isLast: Bool
  let payload: RawSpan
  // Empty in all but the first.
  let head: RawSpan

  @_lifetime(copy payload, copy head)
  init(offset: Int, isLast: Bool, head: RawSpan, payload: RawSpan) {
    self.offset = offset
    self.isLast = isLast
    self.payload = payload
    self.head = offset == 0 ? head : head.extracting(first: 0)
  }

  /// The bytes that are kept of it.
  var byteCount: Int { payload.byteCount + head.byteCount }

  /// What is wrong with the fragment, whatever the others are.
  var fault: FragmentDrop? {
    let greatest = Int(UInt16.max)
    if payload.byteCount == 0 { return .empty }
    if offset < 0 || offset % 8 != 0 || (!isLast && payload.byteCount % 8 != 0) { return .misaligned }
    if offset > greatest || offset + payload.byteCount > greatest { return .tooLong }
    return nil
  }
}

/// The fragments of a datagram that is not complete, or the memory of one that was given up.
struct PartialDatagram: Sendable {
  /// What tells a datagram from an earlier one with the same key.
  let number: UInt64
  /// When the first fragment came.
  let arrival: Duration
  /// Whether later fragments are to be dropped.
  private(set) var isGivenUp = false
  /// The bytes that are kept, the head's among them.
  private(set) var byteCount = 0

  private var head: [UInt8] = []
  // By their places; no two overlap.
  private var parts: [(offset: Int, bytes: [UInt8])] = []
  private var end: Int?

  init(number: UInt64, arrival: Duration) {
    self.number = number
    self.arrival = arrival
  }

  enum Fit {
    case place(Int)
    case duplicate
    case fault(FragmentDrop)
  }

  /// Finds where a fragment without a fault of its own belongs.
  ///
  /// - Parameters:
  ///   - fragment: The fragment.
  ///   - limit: How many fragments there may be.
  /// - Returns: Its index among the others, or why it has none.
  func fit(_ fragment: borrowing Fragment, limit: Int) -> Fit {
    let upper = fragment.offset + fragment.payload.byteCount
    // Most fragments come in order, so the search begins at the end.
    let index = (parts.lastIndex { $0.offset < fragment.offset } ?? -1) + 1
    if index < parts.count, parts[index].offset < upper {
      return isDuplicate(fragment, of: parts[index]) ? .duplicate : .fault(.overlap)
    }
    if index > 0, parts[index - 1].offset + parts[index - 1].bytes.count > fragment.offset { return .fault(.overlap) }
    if let end, fragment.isLast || upper > end { return .fault(.end) }
    if fragment.isLast, index < parts.count { return .fault(.end) }
    return parts.count < limit ? .place(index) : .fault(.fragments)
  }

  private func isDuplicate(_ fragment: borrowing Fragment, of part: (offset: Int, bytes: [UInt8])) -> Bool {
    guard part.offset == fragment.offset, part.bytes.count == fragment.payload.byteCount else { return false }
    guard fragment.isLast == (end == part.offset + part.bytes.count) else { return false }
    return part.bytes.indices.allSatisfy { part.bytes[$0] == fragment.payload.byte($0) }
  }

  /// Keeps a fragment.
  ///
  /// - Parameters:
  ///   - fragment: The fragment.
  ///   - index: Where it belongs.
  mutating func insert(_ fragment: borrowing Fragment, at index: Int) {
    parts.insert((fragment.offset, fragment.payload.copied()), at: index)
    byteCount += fragment.byteCount
    if fragment.offset == 0 { head = fragment.head.copied() }
    if fragment.isLast { end = fragment.offset + fragment.payload.byteCount }
  }

  /// The head and the whole payload, when all parts are there.
  var whole: [UInt8]? {
    // The parts do not overlap and none lies behind the end, so their sizes say whether there is a gap.
    guard let end, byteCount - head.count == end else { return nil }
    var bytes = head
    bytes.reserveCapacity(byteCount)
    for part in parts { bytes += part.bytes }
    return bytes
  }

  /// Forgets the fragments.
  ///
  /// - Returns: The bytes that were kept.
  mutating func giveUp() -> Int {
    let count = byteCount
    isGivenUp = true
    byteCount = 0
    head = []
    parts = []
    return count
  }
}
