/// Puts datagrams together again from their fragments, within bounds.
///
/// The rules are those of RFC 5722 and RFC 8900 for both versions of IP: a fragment that overlaps another gives up its
/// whole datagram, and what comes later for that datagram is dropped until its time is over; an exact duplicate is ignored.
/// Where there is no room, the oldest datagram goes first. The same calls give the same results: no clock is read, and
/// nothing depends on chance.
public struct FragmentReassembler<Key: Hashable & Sendable>: Sendable {
  /// The bounds.
  public let limits: FragmentLimits
  /// How many fragments, and datagrams to make room or for their age, were dropped for each reason.
  public private(set) var drops: [FragmentDrop: Int] = [:]
  /// The bytes of all fragments that are kept.
  public private(set) var memory = 0

  private var datagrams: [Key: PartialDatagram] = [:]
  // Keys by age. A datagram that has gone leaves its entry, until the entry is met or swept.
  private var queue: [(key: Key, number: UInt64)] = []
  private var queueStart = 0
  private var nextNumber: UInt64 = 0
  private var now = Duration.zero

  /// Begins with nothing.
  ///
  /// - Parameter limits: The bounds.
  public init(limits: FragmentLimits = FragmentLimits()) {
    self.limits = limits
  }

  /// The number of datagrams that are kept, or remembered as given up.
  public var count: Int { datagrams.count }

  /// Takes a fragment.
  ///
  /// A datagram in one piece is complete at once, whatever fragments with its key are kept (RFC 6946).
  ///
  /// - Parameters:
  ///   - payload: What the fragment carries.
  ///   - offset: Its place in the datagram, in bytes.
  ///   - moreFragments: Whether it is not the last.
  ///   - head: What stands before the payload, such as the IP header; it is kept from the fragment at offset 0.
  ///   - key: What all fragments of the datagram have in common, and those of no other.
  ///   - time: A monotonic time from any origin; one earlier than given before counts as the latest.
  /// - Returns: What became of the fragment, and which other datagrams were given up.
  public mutating func add(
    _ payload: RawSpan, at offset: Int, moreFragments: Bool, head: RawSpan, key: Key, now time: Duration
  ) -> Reassembly<Key> {
    var others = expire(now: time)
    let fragment = Fragment(offset: offset, isLast: !moreFragments, head: head, payload: payload)
    let outcome = place(fragment, key: key, others: &others)
    if case .dropped(let reason) = outcome { drops[reason, default: 0] += 1 }
    return Reassembly(outcome: outcome, others: others)
  }

  /// Gives up the datagrams whose time is over.
  ///
  /// - Parameter time: A monotonic time from any origin; one earlier than given before counts as the latest.
  /// - Returns: The datagrams given up, the oldest first.
  public mutating func expire(now time: Duration) -> [DroppedDatagram<Key>] {
    now = max(now, time)
    var dropped: [DroppedDatagram<Key>] = []
    while let key = oldest(), let datagram = datagrams[key], now - datagram.arrival >= limits.lifetime {
      drop(key, for: .timeout, into: &dropped)
    }
    return dropped
  }

  private mutating func place(
    _ fragment: borrowing Fragment, key: Key, others: inout [DroppedDatagram<Key>]
  ) -> FragmentOutcome {
    if let reason = fragment.fault { return .dropped(reason) }
    if fragment.offset == 0, fragment.isLast { return .complete(fragment.head.copied() + fragment.payload.copied()) }
    let datagram = datagrams[key] ?? PartialDatagram(number: nextNumber, arrival: now)
    if datagram.isGivenUp { return .dropped(.givenUp) }
    switch datagram.fit(fragment, limit: limits.fragments) {
    case .duplicate: return .duplicate
    case .fault(let reason):
      // A first fragment can only be too many; there is nothing to give up then.
      if datagrams[key] != nil { memory -= datagrams[key, default: datagram].giveUp() }
      return .dropped(reason)
    case .place(let index):
      let isNew = datagrams[key] == nil
      if let reason = makeRoom(for: fragment.byteCount, isNew: isNew, others: &others, key: key) {
        return .dropped(reason)
      }
      if isNew { enqueue(key) }
      memory += fragment.byteCount
      datagrams[key, default: datagram].insert(fragment, at: index)
    }
    guard let whole = datagrams[key]?.whole else { return .held }
    remove(key)
    return .complete(whole)
  }

  /// Drops the oldest datagrams until a fragment fits.
  ///
  /// - Returns: Why it does not fit; its own datagram is dropped then, if it was the oldest.
  private mutating func makeRoom(
    for size: Int, isNew: Bool, others: inout [DroppedDatagram<Key>], key: Key
  ) -> FragmentDrop? {
    while true {
      let reason: FragmentDrop
      if memory + size > limits.memory {
        reason = .memory
      } else if isNew, datagrams.count >= limits.datagrams {
        reason = .datagrams
      } else {
        return nil
      }
      guard size <= limits.memory, let oldest = oldest() else { return reason }
      if oldest == key {
        remove(key)
        return reason
      }
      drop(oldest, for: reason, into: &others)
    }
  }

  /// Drops a datagram, and tells of it unless it was given up, and told of, before.
  private mutating func drop(_ key: Key, for reason: FragmentDrop, into dropped: inout [DroppedDatagram<Key>]) {
    guard let datagram = remove(key), !datagram.isGivenUp else { return }
    drops[reason, default: 0] += 1
    dropped.append(DroppedDatagram(key: key, reason: reason))
  }

  @discardableResult
  private mutating func remove(_ key: Key) -> PartialDatagram? {
    let datagram = datagrams.removeValue(forKey: key)
    memory -= datagram?.byteCount ?? 0
    return datagram
  }

  /// The datagram that came first, of those that are kept or remembered.
  private mutating func oldest() -> Key? {
    while queueStart < queue.count {
      let (key, number) = queue[queueStart]
      if datagrams[key]?.number == number { return key }
      queueStart += 1
    }
    return nil
  }

  private mutating func enqueue(_ key: Key) {
    if queue.count >= 2 * max(limits.datagrams, 16) {
      queue = queue[queueStart...].filter { datagrams[$0.key]?.number == $0.number }
      queueStart = 0
    }
    queue.append((key, nextNumber))
    nextNumber += 1
  }
}

extension FragmentReassembler where Key == FragmentKey {
  /// Takes an IPv4 packet that is a fragment.
  ///
  /// - Parameters:
  ///   - packet: The packet.
  ///   - time: A monotonic time from any origin; one earlier than given before counts as the latest.
  /// - Returns: What became of the fragment; a complete datagram is a packet with the first fragment's header, whose length,
  ///   fragmentation fields and checksum are those of the whole.
  public mutating func add(_ packet: borrowing IPv4View, now time: Duration) -> Reassembly<FragmentKey> {
    var result = add(
      packet.payload, at: Int(packet.fragmentOffset) * 8, moreFragments: packet.moreFragments,
      head: packet.headerBytes, key: FragmentKey(packet), now: time)
    if case .complete(var bytes) = result.outcome, packet.isFragment {
      do throws(PacketError) {
        // The head is a header that was checked as a part of its fragment.
        var header = IPv4Header(IPv4View(checked: bytes.rawSpan))
        header.moreFragments = false
        try header.setTotalLength(payload: bytes.count - header.byteCount)
        header.checksum = header.computedChecksum
        try bytes.withMutableBytes { (memory) throws(PacketError) in try header.write(into: &memory) }
        result.outcome = .complete(bytes)
      } catch {
        drops[.tooLong, default: 0] += 1
        result.outcome = .dropped(.tooLong)
      }
    }
    return result
  }
}
