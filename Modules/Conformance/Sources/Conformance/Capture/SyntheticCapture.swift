import Pair

/// What crossed a trace's connections or one of its devices, as packets of one link type, each with its events.
///
/// The same trace gives the same packets as skeintrace makes of it, byte for byte; `docs/captures.md` has the rules.
public struct SyntheticCapture: Hashable, Sendable {
  /// A packet as it stands in a capture.
  public struct Packet: Hashable, Sendable {
    /// Nanoseconds since the capture's ``SyntheticCapture/epoch``.
    public var at: Int
    /// The packet, from its link layer on.
    public var bytes: [UInt8]
    /// Its events: first the one that it stands at, then the writes whose bytes it carries.
    public var events: [Int]
    /// The object of the trace whose socket or device it passed.
    public var object: String
    /// Whether that object sent it.
    public var isOutbound: Bool
  }

  /// Empty for the packets of sockets, else the device: `tap0`.
  public var name: String
  /// What the packets begin with.
  public var linkType: CaptureLinkType
  /// The zero of the packets' times, in seconds since 1970-01-01 00:00 UTC.
  public var epoch: Int
  /// The packets in order; the first has the number 1.
  public var packets: [Packet] = []

  /// What stands behind the trace's name in the file's: `.tap0.pcap`.
  public var suffix: String { name.isEmpty ? ".pcap" : ".\(name).pcap" }

  /// The captures of a trace that have packets: first the sockets', then the devices'.
  ///
  /// - Parameters:
  ///   - tree: The trace's crossings.
  ///   - header: The trace's header, which says when it started.
  /// - Returns: The captures.
  /// - Throws: ``SyntheticCaptureError`` when the trace does not say all that crossed, or contradicts itself.
  public static func captures(
    of tree: TraceTree, header: TraceHeader
  ) throws(SyntheticCaptureError) -> [SyntheticCapture] {
    let epoch = header.clock == "virtual" ? 0 : header.started.flatMap(seconds) ?? 0
    var placed: [SyntheticStream.Placed] = []
    for (index, connection) in try SyntheticConnections.connections(of: tree).enumerated() {
      var stream = SyntheticStream(connection, ordinal: index + 1)
      try placed += stream.run()
    }
    // Packets at the same event keep their order.
    let ordered = placed.enumerated().sorted { ($0.element.n, $0.offset) < ($1.element.n, $1.offset) }
    let sockets = SyntheticCapture(name: "", linkType: .ip, epoch: epoch, packets: ordered.map(\.element.packet))
    return (placed.isEmpty ? [] : [sockets]) + deviceCaptures(of: tree, epoch: epoch)
  }

  /// For each event that has packets their numbers, by the name of the capture that they stand in.
  ///
  /// - Parameter captures: The captures of one trace.
  /// - Returns: The numbers, which count from 1.
  public static func packetsOfEvents(_ captures: [SyntheticCapture]) -> [Int: [String: [Int]]] {
    var found: [Int: [String: [Int]]] = [:]
    for capture in captures {
      for (index, packet) in capture.packets.enumerated() {
        for n in packet.events { found[n, default: [:]][capture.name, default: []].append(index + 1) }
      }
    }
    return found
  }

  /// Writes the packets to a file.
  ///
  /// - Parameter path: The file, which is made or emptied.
  /// - Throws: ``CaptureError`` when the file cannot be written, or when a time is not between 1970 and 2106.
  public func write(path: String) throws(CaptureError) {
    var writer = try CaptureWriter(path: path, linkType: linkType)
    for packet in packets {
      try writer.write(unsafe packet.bytes.span.bytes, at: .seconds(epoch) + .nanoseconds(packet.at))
    }
    try writer.close()
  }

  /// A time such as `2026-11-21T03:20:00Z` in seconds since 1970, nil for other text.
  static func seconds(_ text: String) -> Int? {
    let pattern = "0000-00-00T00:00:00Z".utf8
    guard text.utf8.count == pattern.count else { return nil }
    for (byte, expected) in zip(text.utf8, pattern) {
      guard expected == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == expected
      else { return nil }
    }
    let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
    let (year, month, day) = (numbers[0], numbers[1], numbers[2])
    let (hour, minute, second) = (numbers[3], numbers[4], numbers[5])
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day), hour < 24, minute < 60,
      second < 60
    else { return nil }
    let before = year - 1
    let days = before * 365 + before / 4 - before / 100 + before / 400 + lengths[..<(month - 1)].reduce(0, +) + day - 1
    return (days - 719_162) * 86_400 + hour * 3_600 + minute * 60 + second
  }
}

/// Why no capture can be made of a trace.
public enum SyntheticCaptureError: Error, Hashable, Sendable {
  /// What an event wrote is not what the other end received, from this byte of its stream on.
  case differs(event: Int, byte: Int)
  /// The trace has not all bytes that an event wrote or received.
  case incomplete(event: Int)
  /// The streams have more than 256 MiB together, at this event.
  case tooLarge(event: Int)
  /// What an event did cannot be a packet.
  case packet(event: Int, PacketError)
}

extension SyntheticCaptureError: CustomStringConvertible {
  /// One line: which event, and what is wrong.
  public var description: String {
    switch self {
    case .differs(let event, let byte):
      "event \(event): byte \(byte) of what it sends is not the one that the other end received"
    case .incomplete(let event): "event \(event): the bytes that it wrote or received are not all in the trace"
    case .tooLarge(let event): "event \(event): more than \(SyntheticConnections.mostBytes) bytes of streams"
    case .packet(let event, let error): "event \(event): \(error)"
    }
  }
}
