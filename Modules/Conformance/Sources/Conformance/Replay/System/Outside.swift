import Addresses
import Glibc
import Reactor

/// Peers in other processes, and signals: what comes from outside while the loop turns, played at its place.
///
/// They act before a poll: a step is made as soon as all has come that the recording has before it. One that needs bytes, or
/// room for them, is made as far as it goes; the poll then wakes up for the peer's socket too. Nothing here blocks.
final class Outside {
  /// A peer's socket, and how far it is in its step.
  private struct Peer {
    let socket: RawSocket
    var received: [UInt8] = []
    var sent = 0
    /// What of the socket the step waits for.
    var awaited: Interest?
  }

  private unowned let replay: SystemReplay
  private var peers: [String: Peer] = [:]

  init(_ replay: SystemReplay) {
    self.replay = replay
  }

  /// The sockets that steps wait for.
  var waiting: [MaskingPoller.Stranger] {
    peers.values.compactMap { peer in
      guard let awaited = peer.awaited, peer.socket.descriptor >= 0 else { return nil }
      return (peer.socket.descriptor, awaited)
    }
  }

  /// Makes every step whose time has come, as far as it goes.
  func play() {
    guard replay.recorder.isMainThread else { return }
    while !replay.isStopped, let event = replay.recorder.locked({ replay.judged.judge.nextOfActor }) {
      if event.kind != .peer {
        let reactor = replay.object(named: event.target) as? Reactor
        reactor?.boundary?.interrupted { replay.act(event) } ?? replay.act(event)
      } else {
        do {
          guard try perform(event) else { return }
        } catch {
          replay.diverge("not replayable", "", "event \(event.n), \(event.member): \(error)")
        }
      }
      if replay.hasDiverged { replay.stop() }
    }
  }

  /// Does what a peer did; false where it could not be done to its end yet.
  private func perform(_ event: Recording.Event) throws -> Bool {
    switch event.method {
    case "connect":
      return try connect(event)
    case "send":
      let bytes = event.args["data"]?.bytes ?? []
      var peer = try peer(event)
      repeat {
        let count = try peer.socket.sendNow(bytes[peer.sent...])
        peer.sent += count
        if count == 0, peer.sent < bytes.count { return wait(event, peer, for: .write) }
      } while peer.sent < bytes.count
      tell(event, event.args)
    case "receive":
      return try receive(event)
    case "shutdown":
      try peer(event).socket.shutdown("SHUT_WR")
      tell(event, event.args)
    case "close":
      // What has arrived is read first, because the kernel would reset the connection otherwise.
      let socket = try peer(event).socket
      while case .success(let bytes?) = socket.receiveNow(65_536), !bytes.isEmpty {}
      socket.close()
      tell(event)
    case "reset":
      try peer(event).socket.resetOnClose()
      try peer(event).socket.close()
      tell(event)
    default: throw Unplayable("a peer cannot \(event.method) while the loop turns")
    }
    return true
  }

  private func connect(_ event: Recording.Event) throws -> Bool {
    let place = event.args["address"] ?? .null
    let destination = try destination(event, place)
    let peer = try peers[event.target] ?? Peer(socket: RawSocket(for: destination))
    guard try peer.socket.connectNow(to: destination) else { return wait(event, peer, for: .write) }
    peers[event.target] = peer
    let recorder = replay.recorder
    let local = peer.socket.localAddress
    let isTold = (place["ipv4"] ?? place["ipv6"])?.list?.dropFirst().first?["port"] != nil
    tell(
      event, ["address": recorder.encode(.address(destination), named: "address", isTold: isTold)],
      local.map { ("gives", recorder.encode(.address($0), named: "address", isTold: true)) }, connectedFrom: local)
    return true
  }

  /// Where to connect to: for a port whose name nothing has told yet, where the listening call of this run listens.
  private func destination(_ event: Recording.Event, _ place: TraceValue) throws -> Address {
    for form in ["ipv4", "ipv6"] {
      guard var parts = place[form]?.list, parts.count > 1, parts[1]["port"] != nil else { continue }
      if replay.recorder.locked({ replay.judged.judge.liveValue(of: parts[1]) }) != nil { continue }
      for case let listening? in event.after.map({ replay.recording[$0]?.outcome.value.object }) {
        guard let port = replay.object(named: listening) as? any Selectable,
          let local = unsafe DescriptorDescription.address(port.descriptor, getsockname)
        else { continue }
        switch local {
        case .ipv4(let address): parts[1] = .int(Int(address.port))
        case .ipv6(let address): parts[1] = .int(Int(address.port))
        case .unix, .hostname: continue
        }
        return try replay.address(.mapping([form: .list(parts)]))
      }
    }
    return try replay.address(place)
  }

  private func receive(_ event: Recording.Event) throws -> Bool {
    let expected = event.outcome.value.bytes?.count ?? 0
    var peer = try peer(event)
    while true {
      switch peer.socket.receiveNow(max(1, expected - peer.received.count)) {
      case .success(nil):
        return wait(event, peer, for: .read)
      case .success(let bytes?):
        peer.received += bytes
        guard bytes.isEmpty || peer.received.count >= expected else { continue }
        tell(event, [:], ("gives", .bytes(peer.received)))
      case .failure(let errno):
        tell(event, [:], ("raises", ["error": "os-error", "errno": .word(errno.name)]))
      }
      return true
    }
  }

  private func peer(_ event: Recording.Event) throws -> Peer {
    guard let peer = peers[event.target] else { throw Unplayable("\(event.target) has no socket") }
    return peer
  }

  private func wait(_ event: Recording.Event, _ peer: Peer, for interest: Interest) -> Bool {
    peers[event.target] = peer
    peers[event.target]?.awaited = interest
    return false
  }

  /// Tells that a step was made, and that the peer is ready for its next one.
  private func tell(
    _ event: Recording.Event, _ args: TraceMapping = [:], _ outcome: (key: String, value: TraceValue)? = nil,
    connectedFrom local: Address? = nil
  ) {
    if let peer = peers[event.target] { peers[event.target] = Peer(socket: peer.socket) }
    var told: TraceEvent = ["peer": .word("\(replay.peerName(event.target)).\(event.method)")]
    if !args.isEmpty { told.fields["args"] = .mapping(args) }
    replay.recorder.tell(told, outcome, connectedFrom: local)
  }

  /// Lets go of everything.
  func close() {
    peers = [:]
  }
}
