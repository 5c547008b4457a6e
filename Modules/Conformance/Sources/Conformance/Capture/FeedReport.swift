/// What became of the packets of a capture, counted, and each in a line.
public struct FeedReport: Sendable {
  /// How many packets were fed.
  public private(set) var packets = 0
  /// How many were delivered.
  public private(set) var delivered = 0
  /// How often each reason to ignore a packet was seen.
  public private(set) var ignored = Tally()
  /// How often each refusal was seen.
  public private(set) var refused = Tally()

  /// Counts by words; after so many different ones the rest is counted together, as packets come from strangers.
  public struct Tally: Sendable {
    /// How many different words are kept.
    public static let limit = 64

    /// All counts together.
    public private(set) var total = 0
    private var counts: [String: Int] = [:]
    private var others = 0

    mutating func add(_ words: String) {
      total += 1
      if counts[words] != nil || counts.count < Self.limit { counts[words, default: 0] += 1 } else { others += 1 }
    }

    /// The words with their counts, the most frequent first; what is over the limit last, as `others`.
    public var sorted: [(words: String, count: Int)] {
      let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (words: $0.key, count: $0.value) }
      return others > 0 ? kept + [("others", others)] : kept
    }

    var json: JSON {
      .object(sorted.map { JSONMember(name: $0.words, value: .int($0.count)) })
    }
  }

  /// Begins with nothing.
  public init() {}

  /// Counts what became of a packet.
  ///
  /// - Parameter outcome: What became of it.
  public mutating func add(_ outcome: CaptureFeed.Outcome) {
    packets += 1
    switch outcome {
    case .delivered: delivered += 1
    case .ignored(let reason): ignored.add("\(reason)")
    case .refused(let words): refused.add(words)
    }
  }

  /// The counts in a few lines.
  public var lines: [String] {
    let summary =
      "\(packets) packet\(packets == 1 ? "" : "s"): \(delivered) delivered, \(ignored.total) ignored, \(refused.total) refused"
    return [summary] + ignored.sorted.map { "  ignored \($0.count): \($0.words)" }
      + refused.sorted.map { "  refused \($0.count): \($0.words)" }
  }

  /// The counts as JSON.
  public var json: JSON {
    JSON([
      "packets": .int(packets), "delivered": .int(delivered), "ignored": ignored.json, "refused": refused.json,
    ])
  }
}

extension CaptureFeed.Outcome: CustomStringConvertible {
  /// How much of a payload a line shows, in bytes.
  private static let shownBytes = 48

  /// What became of a packet, in one line; without its time.
  public var description: String {
    switch self {
    case .delivered(let datagram):
      let size = datagram.payload.count
      let shown = Terminal.escaped(datagram.payload.prefix(Self.shownBytes)) + (size > Self.shownBytes ? "..." : "")
      return "\(datagram.source):\(datagram.sourcePort) > \(datagram.destination):\(datagram.destinationPort), "
        + "\(size) bytes\(size > 0 ? ": " : "")\(shown)"
    case .ignored(let reason): return "ignored: \(reason)"
    case .refused(let words): return "refused: \(words)"
    }
  }

  /// What became of a packet, as JSON with its number and time.
  ///
  /// - Parameters:
  ///   - number: The packet's number in its capture, from 1.
  ///   - time: Its time, since 1970-01-01 00:00 UTC.
  /// - Returns: An object.
  public func json(number: Int, time: Duration) -> JSON {
    switch self {
    case .delivered(let datagram):
      JSON([
        "packet": .int(number), "time": .string(time.captureText), "outcome": "delivered",
        "source": .string("\(datagram.source)"), "sourcePort": .int(Int(datagram.sourcePort)),
        "destination": .string("\(datagram.destination)"), "destinationPort": .int(Int(datagram.destinationPort)),
        "payload": TraceValue.bytes(datagram.payload).json,
      ])
    case .ignored(let reason):
      JSON([
        "packet": .int(number), "time": .string(time.captureText), "outcome": "ignored", "reason": .string("\(reason)"),
      ])
    case .refused(let words):
      JSON([
        "packet": .int(number), "time": .string(time.captureText), "outcome": "refused", "reason": .string(words),
      ])
    }
  }
}

extension Duration {
  /// Seconds and nanoseconds, such as `1700000000.250000000`: how the tools write the time of a packet.
  public var captureText: String {
    let (seconds, attoseconds) = components
    let isNegative = seconds < 0 || attoseconds < 0
    let fraction = String(attoseconds.magnitude / 1_000_000_000)
    let padding = String(repeating: "0", count: 9 - fraction.count)
    return "\(isNegative ? "-" : "")\(seconds.magnitude).\(padding)\(fraction)"
  }
}
