import Addresses

/// A query of the second version of multicast listener discovery (RFC 3810).
public struct MulticastListenerQueryV2: Hashable, Sendable {
  static let bodyByteCount = 20

  /// When an answer is due, in milliseconds below 32,768; above, a floating point number.
  public var maximumResponseCode: UInt16
  /// The group that is asked about; `::` for all.
  public var group: IPv6Address.Host
  /// Four reserved bits, S (routers are not to change their timers) and the querier's robustness, in three bits.
  public var flags: UInt8
  /// The querier's interval, in seconds below 128; above, a floating point number.
  public var queryIntervalCode: UInt8
  /// How many sources follow.
  public var sourceCount: UInt16

  /// Makes a query.
  ///
  /// - Parameters:
  ///   - maximumResponseCode: When an answer is due, in milliseconds below 32,768.
  ///   - group: The group that is asked about; `::` for all.
  ///   - flags: S is the bit of value 8; the querier's robustness stands in the lowest three.
  ///   - queryIntervalCode: The querier's interval, in seconds below 128.
  ///   - sourceCount: How many sources follow.
  public init(
    maximumResponseCode: UInt16, group: IPv6Address.Host, flags: UInt8, queryIntervalCode: UInt8, sourceCount: UInt16
  ) {
    self.maximumResponseCode = maximumResponseCode
    self.group = group
    self.flags = flags
    self.queryIntervalCode = queryIntervalCode
    self.sourceCount = sourceCount
  }

  init(maximumResponseCode: UInt16, body: RawSpan) {
    self.init(
      maximumResponseCode: maximumResponseCode, group: body.ipv6Host(0), flags: body.byte(16),
      queryIntervalCode: body.byte(17), sourceCount: body.uint16(18))
  }

  var body: [UInt8] {
    var body = group.octets + [flags, queryIntervalCode]
    body.appendBigEndian(sourceCount)
    return body
  }
}

/// Goes through a list of IPv6 hosts, without copying.
public struct IPv6HostIterator: ~Escapable {
  private var rest: RawSpan
  private var count: Int

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, count: Int) {
    rest = bytes
    self.count = count
  }

  /// Takes the next host.
  ///
  /// - Returns: The host, or nil when as many were taken as were announced.
  /// - Throws: ``PacketError/truncated(_:needed:found:)`` when fewer are there; the iterator is then at the end.
  public mutating func next() throws(PacketError) -> IPv6Address.Host? {
    guard count > 0 else { return nil }
    guard rest.byteCount >= 16 else {
      count = 0
      throw .truncated(.icmpv6, needed: 16, found: rest.byteCount)
    }
    count -= 1
    let host = rest.ipv6Host(0)
    rest = rest.extracting(16...)
    return host
  }
}

/// One record of a report of multicast listeners, in borrowed bytes.
public struct MulticastRecordView: ~Escapable {
  private let bytes: RawSpan
  private let sourceByteCount: Int

  /// Where the fields are.
  fileprivate enum Offset {
    static let type = 0
    static let auxiliaryWordCount = 1
    static let sourceCount = 2
    static let group = 4
    static let sources = 20
  }

  /// Looks at the record that bytes begin with.
  @_lifetime(copy bytes)
  fileprivate init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.sources else {
      throw .truncated(.icmpv6, needed: Offset.sources, found: bytes.byteCount)
    }
    sourceByteCount = Int(bytes.uint16(Offset.sourceCount)) * 16
    let length = Offset.sources + sourceByteCount + Int(bytes.byte(Offset.auxiliaryWordCount)) * 4
    guard length <= bytes.byteCount else { throw .truncated(.icmpv6, needed: length, found: bytes.byteCount) }
    self.bytes = bytes.extracting(0..<length)
  }

  fileprivate var byteCount: Int { bytes.byteCount }

  /// What the record says: 1 and 2 for a mode that is, 3 and 4 for one that began, 5 and 6 for sources that came and went.
  public var type: UInt8 { bytes.byte(Offset.type) }
  /// The group.
  public var group: IPv6Address.Host { bytes.ipv6Host(Offset.group) }
  /// How many sources there are.
  public var sourceCount: UInt16 { bytes.uint16(Offset.sourceCount) }
  /// The sources.
  public var sources: IPv6HostIterator {
    @_lifetime(copy self) get { IPv6HostIterator(bytes.extracting(Offset.sources...), count: Int(sourceCount)) }
  }
  /// What stands behind the sources; the protocol gives it no meaning.
  public var auxiliaryData: RawSpan {
    @_lifetime(copy self) get { bytes.extracting((Offset.sources + sourceByteCount)...) }
  }
}

/// Goes through the records of a report of multicast listeners, without copying.
///
/// Every record takes at least 20 bytes, whatever number of them is announced.
public struct MulticastRecordIterator: ~Escapable {
  private var rest: RawSpan
  private var count: Int

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, count: Int) {
    rest = bytes
    self.count = count
  }

  /// Takes the next record.
  ///
  /// - Returns: The record, or nil when as many were taken as were announced.
  /// - Throws: ``PacketError/truncated(_:needed:found:)`` when one is not whole; the iterator is then at the end.
  @_lifetime(copy self)
  public mutating func next() throws(PacketError) -> MulticastRecordView? {
    guard count > 0 else { return nil }
    let announced = count
    count = 0
    let record = try MulticastRecordView(rest)
    rest = rest.extracting(record.byteCount...)
    count = announced - 1
    return record
  }
}

/// One record of a report of multicast listeners, as a value.
public struct MulticastRecord: Hashable, Sendable {
  /// What the record says; see ``MulticastRecordView/type``.
  public var type: UInt8
  /// The group.
  public var group: IPv6Address.Host
  /// The sources.
  public var sources: [IPv6Address.Host]
  /// What stands behind the sources; a whole number of words of four bytes.
  public var auxiliaryData: [UInt8]

  /// Makes a record.
  ///
  /// - Parameters:
  ///   - type: What the record says; see ``MulticastRecordView/type``.
  ///   - group: The group.
  ///   - sources: The sources.
  ///   - auxiliaryData: What stands behind the sources; a whole number of words of four bytes.
  public init(type: UInt8, group: IPv6Address.Host, sources: [IPv6Address.Host] = [], auxiliaryData: [UInt8] = []) {
    self.type = type
    self.group = group
    self.sources = sources
    self.auxiliaryData = auxiliaryData
  }

  /// Copies a record.
  ///
  /// - Parameter view: The record.
  public init(_ view: borrowing MulticastRecordView) {
    self.init(type: view.type, group: view.group, auxiliaryData: view.auxiliaryData.copied())
    var iterator = view.sources
    // All announced sources are there: the view checked.
    while let source = (try? iterator.next()) { sources.append(source) }
  }

  /// The records as they are sent, one after the other.
  ///
  /// - Parameter records: The records.
  /// - Returns: The bytes.
  /// - Throws: ``PacketError`` for more sources or auxiliary data than their fields can count.
  public static func bytes(_ records: [MulticastRecord]) throws(PacketError) -> [UInt8] {
    var bytes: [UInt8] = []
    for record in records {
      guard let sourceCount = UInt16(exactly: record.sources.count) else {
        throw .tooLarge(.icmpv6, field: .length, limit: Int(UInt16.max), found: record.sources.count)
      }
      let (words, remainder) = record.auxiliaryData.count.quotientAndRemainder(dividingBy: 4)
      guard remainder == 0 else { throw .malformed(.icmpv6, field: .length, found: record.auxiliaryData.count) }
      guard let wordCount = UInt8(exactly: words) else {
        throw .tooLarge(.icmpv6, field: .length, limit: 4 * 255, found: record.auxiliaryData.count)
      }
      bytes += [record.type, wordCount]
      bytes.appendBigEndian(sourceCount)
      bytes += record.group.octets
      for source in record.sources { bytes += source.octets }
      bytes += record.auxiliaryData
    }
    return bytes
  }
}
