import Addresses
import Glibc
import Reactor

/// The peers outside the boundary: raw sockets that the replay plays, step by step, in the recorded application's place.
final class Peers {
  private unowned let replay: SystemReplay
  private var sockets: [String: RawSocket] = [:]

  init(_ replay: SystemReplay) {
    self.replay = replay
  }

  /// Does what a peer did.
  func perform(_ event: Recording.Event) throws {
    let recorder = replay.recorder
    let name = replay.peerName(event.target)
    func tell(_ args: TraceMapping = [:], _ gives: TraceValue? = nil, connectedFrom local: Address? = nil) {
      var told: TraceEvent = ["peer": .word("\(name).\(event.method)")]
      if !args.isEmpty { told.fields["args"] = .mapping(args) }
      recorder.tell(told, gives.map { ("gives", $0) }, connectedFrom: local)
    }
    switch event.method {
    case "connect":
      let destination = try replay.address(event.args["address"] ?? .null)
      let socket = try RawSocket(for: destination)
      sockets[event.target] = socket
      try socket.connect(to: destination)
      let local = socket.localAddress
      tell(
        ["address": recorder.encode(.address(destination), named: "address", isTold: false)],
        local.map { recorder.encode(.address($0), named: "address", isTold: true) }, connectedFrom: local)
    case "listen":
      let given = event.outcome.value
      let place = try replay.unassigned(given == .null ? event.args["address"] ?? .null : given)
      let socket = try RawSocket(for: place)
      sockets[event.target] = socket
      try socket.bind(to: place)
      try socket.listen()
      let local = socket.localAddress.map { recorder.encode(.address($0), named: "address", isTold: true) }
      tell(event.args["address"] == nil ? [:] : ["address": local ?? .null], given == .null ? nil : local)
    case "accept":
      let accepted = try self.socket(event).accept()
      guard let peer = event.outcome.value["ref"]?.text else { throw Unplayable("accept: gives: a peer is missing") }
      sockets[peer] = accepted
      tell([:], ["ref": .word(replay.peerName(peer))])
    case "send":
      try socket(event).send(event.args["data"]?.bytes ?? [])
      tell(event.args, event.outcome.value == .null ? nil : event.outcome.value)
    case "receive":
      let received = try socket(event).receive(event.outcome.value.bytes?.count ?? event.args["size"]?.int ?? 65_536)
      tell(event.args, .bytes(received))
    case "shutdown":
      try socket(event).shutdown(event.args["how"]?["constant"]?.text ?? "")
      tell(event.args)
    case "reset":
      try socket(event).resetOnClose()
      try socket(event).close()
      tell(event.args)
    case "close":
      try socket(event).close()
      tell(event.args)
    default: throw Unplayable("a peer cannot \(event.method)")
    }
  }

  private func socket(_ event: Recording.Event) throws -> RawSocket {
    guard let socket = sockets[event.target] else { throw Unplayable("\(event.target) has no socket") }
    return socket
  }

  /// The socket between two addresses, if a peer has one.
  func socket(from local: Address, to peer: Address) -> RawSocket? {
    sockets.values.first { $0.localAddress == local && $0.peerAddress == peer }
  }

  /// Lets go of everything.
  func close() {
    sockets = [:]
  }
}
