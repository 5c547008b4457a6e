/// An option of a TCP header, as a value.
public enum TCPOption: Hashable, Sendable {
  /// Nothing but padding follows.
  case endOfOptionList
  /// A byte that aligns the next option.
  case noOperation
  /// The largest segment that the sender can receive, in bytes.
  case maximumSegmentSize(UInt16)
  /// By how many bits windows are shifted.
  case windowScale(UInt8)
  /// Selective acknowledgments may be sent.
  case sackPermitted
  /// What was received out of order.
  case sack([SACKBlock])
  /// The sender's clock, and the other's as it was last seen.
  case timestamps(value: UInt32, echoReply: UInt32)
  /// Any other option, and a known one with a length that it cannot have.
  case unknown(kind: UInt8, data: [UInt8])

  /// A run of sequence numbers that was received.
  public struct SACKBlock: Hashable, Sendable {
    /// The first sequence number.
    public var left: UInt32
    /// The one after the last.
    public var right: UInt32

    /// Makes a block.
    ///
    /// - Parameters:
    ///   - left: The first sequence number.
    ///   - right: The one after the last.
    public init(left: UInt32, right: UInt32) {
      self.left = left
      self.right = right
    }
  }

  /// The kinds, by number.
  enum Kind {
    static let endOfOptionList: UInt8 = 0
    static let noOperation: UInt8 = 1
    static let maximumSegmentSize: UInt8 = 2
    static let windowScale: UInt8 = 3
    static let sackPermitted: UInt8 = 4
    static let sack: UInt8 = 5
    static let timestamps: UInt8 = 8
  }

  /// Copies an option.
  ///
  /// - Parameter view: The option.
  public init(_ view: borrowing OptionView) {
    let data = view.data
    switch (view.type, data.byteCount) {
    case (Kind.endOfOptionList, _): self = .endOfOptionList
    case (Kind.noOperation, _): self = .noOperation
    case (Kind.maximumSegmentSize, 2): self = .maximumSegmentSize(data.uint16(0))
    case (Kind.windowScale, 1): self = .windowScale(data.byte(0))
    case (Kind.sackPermitted, 0): self = .sackPermitted
    case (Kind.sack, let count) where count % 8 == 0:
      var blocks: [SACKBlock] = []
      for offset in stride(from: 0, to: count, by: 8) {
        blocks.append(SACKBlock(left: data.uint32(offset), right: data.uint32(offset + 4)))
      }
      self = .sack(blocks)
    case (Kind.timestamps, 8): self = .timestamps(value: data.uint32(0), echoReply: data.uint32(4))
    default: self = .unknown(kind: view.type, data: data.copied())
    }
  }

  /// Appends the option as it is sent; a length over 255 cannot be written, and no header has room for it.
  func append(to bytes: inout [UInt8]) throws(PacketError) {
    switch self {
    case .endOfOptionList: bytes.append(Kind.endOfOptionList)
    case .noOperation: bytes.append(Kind.noOperation)
    case .maximumSegmentSize(let size):
      bytes += [Kind.maximumSegmentSize, 4]
      bytes.appendBigEndian(size)
    case .windowScale(let shift): bytes += [Kind.windowScale, 3, shift]
    case .sackPermitted: bytes += [Kind.sackPermitted, 2]
    case .sack(let blocks):
      bytes += [Kind.sack, try Self.length(ofData: blocks.count * 8)]
      for block in blocks {
        bytes.appendBigEndian(block.left)
        bytes.appendBigEndian(block.right)
      }
    case .timestamps(let value, let echoReply):
      bytes += [Kind.timestamps, 10]
      bytes.appendBigEndian(value)
      bytes.appendBigEndian(echoReply)
    case .unknown(let kind, let data):
      bytes += [kind, try Self.length(ofData: data.count)]
      bytes += data
    }
  }

  private static func length(ofData count: Int) throws(PacketError) -> UInt8 {
    let limit = TCPHeader.maximumOptionByteCount
    guard count <= limit - 2 else { throw .tooLarge(.tcp, field: .option, limit: limit, found: count + 2) }
    return UInt8(count + 2)
  }
}
