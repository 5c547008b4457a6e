import Addresses
import Glibc
import Pair
import Reactor

/// What a run on a real device needs beside the device: the kernel's own sockets at the far end.
final class RealTunnels {
  /// A socket of the kernel's that receives what was written to the device.
  final class Receiver {
    private let socket: Int32

    fileprivate init(host: String, port: Int) throws {
      socket = try RealTunnels.datagramSocket(host, port)
    }

    /// Receives one datagram.
    ///
    /// - Parameter count: How many bytes are wanted at most.
    /// - Returns: The payload.
    /// - Throws: The system's refusal; EAGAIN when nothing came within a second.
    func recv(_ count: Int) throws -> [UInt8] {
      var wait = timeval(tv_sec: 1, tv_usec: 0)
      guard unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
        throw Errno(rawValue: errno)
      }
      var buffer = [UInt8](repeating: 0, count: max(0, count))
      // The buffer has that many bytes.
      let received = unsafe Glibc.recv(socket, &buffer, buffer.count, 0)
      guard received >= 0 else { throw Errno(rawValue: errno) }
      return Array(buffer.prefix(received))
    }

    deinit { Glibc.close(socket) }
  }

  private var senders: [(socket: Int32, datagram: [UInt8])] = []

  /// Refuses to open what a stranger's trace has no business with: of the files that are there, only the tunnels' device.
  static func allow(_ path: [UInt8]) throws(Unplayable) {
    // The path ends with a zero byte.
    let isThere = unsafe (path + [0]).withUnsafeBufferPointer { (bytes) in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe access($0.baseAddress!, F_OK) == 0 }
    }
    if path != TuntapPort.devicePath, isThere { throw Unplayable("it opens a file that is no tunnel") }
  }

  /// Makes what receives at an address of the device.
  func receiver(_ host: String, _ port: Int) throws -> Receiver { try Receiver(host: host, port: port) }

  /// Sends a datagram by the kernel; it comes out of the device.
  ///
  /// - Returns: The port that the system gave the sender.
  func send(_ datagram: [UInt8], to host: String, _ port: Int, from local: String) throws -> (host: String, port: Int) {
    let socket = try Self.datagramSocket(local, 0)
    senders.append((socket, datagram))
    let io = SystemIO()
    try io.connect(socket, to: try Self.address(host, port)).get()
    try sendAgain()
    guard case .ipv4(let from) = try io.localAddress(socket) else { throw Errno.invalidArgument }
    return ("\(from.host)", Int(from.port))
  }

  /// Sends the last datagram once more: a device that has just come up loses what is sent before its queue runs.
  func sendAgain() throws {
    guard let (socket, datagram) = senders.last else { return }
    let sent = unsafe datagram.withUnsafeBytes { unsafe SystemIO().send(socket, $0) }
    _ = try sent.get()
  }

  /// Closes the senders.
  func close() {
    for (socket, _) in senders { Glibc.close(socket) }
    senders = []
  }

  fileprivate static func datagramSocket(_ host: String, _ port: Int) throws -> Int32 {
    let io = SystemIO()
    let socket = try io.socket(.inet, .datagram)
    do {
      try io.bind(socket, to: try address(host, port))
      // A receiver waits for what comes; it does not poll.
      guard fcntl(socket, F_SETFL, 0) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      try? io.close(socket)
      throw error
    }
    return socket
  }

  private static func address(_ host: String, _ port: Int) throws -> Address {
    guard let port = UInt16(exactly: port) else { throw Unplayable("\(port) is no port") }
    return .ipv4(IPv4Address(transport: .udp, host: try IPv4Address.Host(host), port: port))
  }
}

extension IOResult {
  fileprivate func get() throws -> Value {
    switch self {
    case .done(let value): return value
    case .wouldBlock: throw Errno.wouldBlock
    case .failed(let errno): throw errno
    }
  }
}

// Operations on a real device, of which the kernel decides a part.
extension PairReplay {
  /// The two ways in which a run on a real device may differ from its recording; each is counted.
  private enum Relaxation {
    /// The port that the system gave a sender.
    static let port = "assigned-port"
    /// What the kernel puts into a frame by itself: the source address of a tap, the packet's identification and checksum,
    /// the sender's port and the datagram's checksum.
    static let frame = "kernel-frame"
  }

  /// Sends by the kernel, from the device's own address.
  func sendUDP(
    _ event: Recording.Event, _ datagram: [UInt8], _ host: String, _ port: Int, through real: RealTunnels
  ) throws -> TraceValue {
    let recorded = event.outcome.value["udp"]?.list ?? []
    guard let local = recorded.first?.text else { throw Unplayable("nobody is named as the sender") }
    let from = try real.send(datagram, to: host, port, from: local)
    guard recorded.count == 2, recorded[1]["port"] != nil else {
      return ["udp": [.string(from.host), .int(from.port)]]
    }
    relaxations[Relaxation.port, default: 0] += 1
    return ["udp": [.string(from.host), ["port": .int(from.port)]]]
  }

  /// Reads from a device.
  ///
  /// A real one gives what the kernel sends; of that the frame counts that was recorded.
  func read(_ event: Recording.Event, limit: Int) throws -> TraceValue {
    guard let system = object(named: event.target) as? any InputOutputSystem else {
      throw Unplayable("there is no \(event.target)")
    }
    let number = try descriptors.number(event.args["fd"] ?? .null)
    guard let real, case .returned(.bytes(let recorded)) = event.outcome else {
      return .bytes(try system.read(number, limit: limit))
    }
    // The kernel may have something of its own to say first, and may take a moment to say anything.
    for _ in 0..<100 {
      var waiting = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&waiting, 1, 50) > 0 else {
        try real.sendAgain()
        continue
      }
      let frame = try system.read(number, limit: limit)
      if frame == recorded { return .bytes(frame) }
      if frame.count == recorded.count, Self.masked(frame) == Self.masked(recorded) {
        relaxations[Relaxation.frame, default: 0] += 1
        return .bytes(recorded)
      }
    }
    throw Errno.wouldBlock
  }

  /// A frame of a tap device without what the kernel decides: with packet information before it, or without.
  private static func masked(_ frame: [UInt8]) -> [UInt8] {
    let start = frame.starts(with: [0, 0, 8, 0]) ? 4 : 0
    var masked = frame
    for field in [6..<12, 18..<20, 24..<26, 34..<36, 40..<42] {
      for at in field where start + at < masked.count { masked[start + at] = 0 }
    }
    return masked
  }
}
