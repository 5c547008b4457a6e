import Reactor

/// What tunnels, the memory system and the protocol layers refuse, apart from the system's own errors, which are `Errno`.
///
/// Each is named as the trace format names it; the class that Twisted raises is given with each.
public enum TunnelError: NamedError, Hashable {
  /// A port was given a protocol that takes neither frames nor packets, was started twice, or lost twice. `AssertionError`.
  case assertion(String)
  /// The port was never started. `AttributeError`.
  case notStarted
  /// A packet is shorter than its header. `struct.error`.
  case shortPacket(needed: Int, found: Int)
  /// A number does not fit its field. `struct.error`.
  case numberRange(Int)
  /// A request of another size than 18 bytes. `struct.error`.
  case badRequest(count: Int)
  /// A host that is no dotted quad. `OSError` without a number.
  case illegalAddress(String)
  /// No tunnel is open to send to, or nothing that was written is for the receiver. `IndexError`.
  case nothingThere
  /// The tunnel was not configured by TUNSETIFF. `TypeError`.
  case notConfigured
  /// The descriptor is not one of the memory system's. `KeyError`.
  case unknownDescriptor(Int32)
  /// A read of an empty tunnel would block for ever. `NotImplementedError`.
  case blockingRead
  /// A packet was handed to a layer without what the layer beneath knows of it. `TypeError`.
  case missingArguments([String])

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .assertion: "assertion"
    case .notStarted: "attribute"
    case .shortPacket, .badRequest: "short-packet"
    case .numberRange: "number-range"
    case .illegalAddress: "os-error"
    case .nothingThere: "index-error"
    case .notConfigured, .missingArguments: "type-error"
    case .unknownDescriptor: "key-error"
    case .blockingRead: "not-implemented"
    }
  }
}

extension TunnelError: CustomStringConvertible {
  /// A sentence that says what was wrong.
  public var description: String {
    switch self {
    case .assertion(let what): what
    case .notStarted: "the port was never started"
    case .shortPacket(let needed, let found): "\(needed) bytes are needed, \(found) are there"
    case .numberRange(let number): "\(number) does not fit its field"
    case .badRequest(let count): "a TUNSETIFF request has 18 bytes, not \(count)"
    case .illegalAddress(let host): "\(host) is no IPv4 host"
    case .nothingThere: "nothing is there"
    case .notConfigured: "the tunnel is not configured"
    case .unknownDescriptor(let descriptor): "descriptor \(descriptor) is not open"
    case .blockingRead: "a blocking read of an empty tunnel would never end"
    case .missingArguments(let names): "missing: \(names.joined(separator: ", "))"
    }
  }
}

/// A protocol that cannot be added to a layer.
///
/// Each is a `TypeError` in Twisted, told apart by its text.
public enum AddProtocolError: NamedError, Hashable {
  /// It is not of the kind that the layer hands packets to.
  case notAdaptable
  /// It is no receiver of datagrams.
  case notADatagramProtocol
  /// The number is below 0.
  case negative
  /// The number needs more bits than the layer allows: 16 or 32.
  case tooBig(bits: Int)

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .notAdaptable: "not-adaptable"
    case .notADatagramProtocol: "not-a-datagram-protocol"
    case .negative: "number-negative"
    case .tooBig(let bits): "number-over-\(bits)-bits"
    }
  }
}

/// A tunnel that could not be opened or configured.
///
/// Mirrors the `twisted.internet.error.CannotListenError` that `TuntapPort` raises.
public struct CannotOpenTunnelError: NamedError, Hashable {
  /// The name of the device that was asked for.
  public var name: InterfaceName
  /// The system's refusal of `open` or of TUNSETIFF: EPERM, EBUSY, ENOSYS and so on.
  public var cause: Errno

  /// Makes the error.
  ///
  /// - Parameters:
  ///   - name: The name of the device that was asked for.
  ///   - cause: The system's refusal.
  public init(name: InterfaceName, cause: Errno) {
    self.name = name
    self.cause = cause
  }

  /// The family's name in the trace format.
  public var traceName: String { "cannot-listen" }

  /// The operating system's error beneath.
  public var errno: Errno? { cause }
}
