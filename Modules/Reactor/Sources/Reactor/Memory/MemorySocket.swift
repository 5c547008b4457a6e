import Addresses

/// An IP host of either family.
enum IPHost: Hashable {
  case ipv4(IPv4Address.Host)
  case ipv6(IPv6Address.Host)

  /// The host of an address; `nil` for one without.
  init?(_ address: Address) {
    switch address {
    case .ipv4(let address): self = .ipv4(address.host)
    case .ipv6(let address): self = .ipv6(address.host)
    case .unix, .hostname: return nil
    }
  }

  /// Whether it stands for all hosts of its family.
  var isAny: Bool { self == .ipv4(.any) || self == .ipv6(.any) }
  /// Whether it is one of loopback's.
  var isLoopback: Bool {
    switch self {
    case .ipv4(let host): host.isLoopback
    case .ipv6(let host): host.isLoopback
    }
  }
}

/// A stream socket in memory.
final class MemorySocket {
  /// Where it stands.
  enum State {
    case unconnected
    case listening(Listener)
    /// The listener has no room for it yet.
    case connecting(to: Address)
    case connected(Connection)
    /// It never came to be connected, or it was and is not any more: then with what had come until then.
    case closed(Connection?)
  }

  /// A listening socket's connections that nobody has accepted.
  struct Listener {
    var backlog: Int
    var waiting: [MemorySocket] = []
    /// Clients that found no room.
    var knocking: [MemorySocket] = []

    /// As Linux has it, one more waits than was asked for.
    var hasRoom: Bool { waiting.count <= backlog }
  }

  /// A connected socket's side of its connection.
  struct Connection {
    /// The other side; `nil` once that is closed.
    weak var peer: MemorySocket?
    let peerAddress: Address
    /// What came and was not read yet.
    var received: [UInt8] = []
    /// How much of `received` is read already.
    var head = 0
    /// Whether there is no more to come.
    var hasEnded = false
    /// Whether this side has shut its receiving too.
    var readsNoMore = false
    /// Whether this side sends no more.
    var hasShut = false

    var unread: Int { received.count - head }
    /// Whether neither side sends any more.
    var isOver: Bool { hasShut && peer?.connection?.hasShut != false }

    /// Takes of what came; 0 when there is nothing.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
      let count = min(buffer.count, unread)
      // No more than there is, and than there is room for.
      unsafe buffer.copyBytes(from: received[head..<head + count])
      head += count
      if unread == 0 {
        received.removeAll(keepingCapacity: true)
        head = 0
      }
      return count
    }
  }

  let family: AddressFamily
  /// The descriptors that it is open under; none while it waits to be accepted.
  var descriptors: [Int32] = []
  var state = State.unconnected
  var local: Address?
  var options: [SocketOption: Int32] = [.sendBuffer: 131_072, .receiveBuffer: 131_072]
  var pendingError: Errno?
  var resetsOnClose = false

  init(_ family: AddressFamily) {
    self.family = family
  }

  /// Its side of the connection, if there is one.
  var connection: Connection? {
    get { if case .connected(let connection) = state { connection } else { nil } }
    set { if let newValue { state = .connected(newValue) } }
  }

  /// How many bytes may wait at a socket that this one sends to: what this one's buffer and that one's hold.
  func capacity(towards peer: MemorySocket) -> Int {
    Int(options[.sendBuffer] ?? 0) + Int(peer.options[.receiveBuffer] ?? 0)
  }

  /// What a poll finds.
  var readiness: Readiness {
    var found: Readiness = pendingError == nil ? [] : .error
    switch state {
    case .unconnected: found.formUnion([.writable, .hangUp])
    case .listening(let listener): if !listener.waiting.isEmpty { found.insert(.readable) }
    case .connecting: break
    case .closed: found.formUnion([.readable, .writable, .hangUp])
    case .connected(let connection):
      if connection.unread > 0 || connection.hasEnded { found.insert(.readable) }
      if connection.hasEnded, connection.hasShut { found.insert(.hangUp) }
      if connection.hasShut || hasRoomToWrite(connection) { found.insert(.writable) }
    }
    return found
  }

  /// As Linux has it, a socket can be written when a third of what may wait is free.
  private func hasRoomToWrite(_ connection: Connection) -> Bool {
    guard let peer = connection.peer, let waiting = peer.connection?.unread else { return true }
    return 3 * waiting <= 2 * capacity(towards: peer)
  }
}
