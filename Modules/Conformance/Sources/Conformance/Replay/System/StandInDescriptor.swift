import Reactor

/// The stand-in of an application's own kind of `FileDescriptor`: the reactor's class, with the methods that the recorded
/// one is seen to override.
final class StandInDescriptor: FileDescriptor, NumberedStandIn {
  let introduction: TraceMapping
  var number: Int32
  private weak var player: (any Player)?

  /// Makes the object that a recording has a call make, and has the boundary see it.
  init(_ introduction: TraceMapping, _ player: any Player, reactor: Reactor, number: Int32, overriding: Set<Member>) {
    self.introduction = introduction
    self.player = player
    self.number = number
    super.init(reactor: reactor)
    overridden = overriding
  }

  override var logPrefix: String { introduction["logPrefix"]?.text ?? "-" }

  override func fileno() -> Int32 { number }

  override func doRead() throws -> (any Error)? {
    overridden.contains(.doRead) ? try reason() : try super.doRead()
  }

  override func doWrite() throws -> (any Error)? {
    overridden.contains(.doWrite) ? try reason() : try super.doWrite()
  }

  override func writeSomeData(_ data: [UInt8]) throws -> Written {
    guard overridden.contains(.writeSomeData) else { return try super.writeSomeData(data) }
    let value = try player?.play() ?? .null
    if let count = value.int { return .bytes(count) }
    return .failed(player?.error(value) ?? ConnectionClosed.lost)
  }

  override func connectionLost(_ reason: any Error) throws {
    if overridden.contains(.connectionLost) { _ = try player?.play() } else { try super.connectionLost(reason) }
  }

  override func readConnectionLost(_ reason: any Error) throws {
    if overridden.contains(.readConnectionLost) { _ = try player?.play() } else { try super.readConnectionLost(reason) }
  }

  /// What the recorded object called of the class that it inherits from.
  func inherited(_ member: Member, _ arguments: Arguments) throws {
    switch member {
    case .doRead: _ = try super.doRead()
    case .doWrite: _ = try super.doWrite()
    case .connectionLost: try super.connectionLost(try arguments.error("reason"))
    case .readConnectionLost: try super.readConnectionLost(try arguments.error("reason"))
    case .writeSomeData: _ = try super.writeSomeData(try arguments.bytes("data"))
    }
  }

  private func reason() throws -> (any Error)? {
    guard let value = try player?.play(), value["error"] != nil else { return nil }
    return player?.error(value)
  }
}

extension SystemReplay {
  /// Makes a system object of a kind of the application's own.
  func construct(_ event: Recording.Event) throws {
    guard event.member == "abstract.FileDescriptor", let form = event.outcome.value.mapping,
      let name = form["new"]?.text
    else { throw Unplayable("\(event.member) cannot be made") }
    guard let reactor = object(event.args["reactor"] ?? ["ref": "reactor-1"]) as? Reactor else {
      throw Unplayable("there is no reactor for \(name)")
    }
    let own = recording.events.filter { $0.target == name }
    let overridden = FileDescriptor.Member.allCases.filter { member in
      own.contains { ($0.kind == .back && $0.method == "\(member)") || $0.method == "super.\(member)" }
    }
    var introduction = form
    introduction["new"] = nil
    introduction["fileno"] = nil
    self.own[name] = StandInDescriptor(
      introduction, self, reactor: reactor, number: try form["fileno"].map { try descriptor($0) } ?? -1,
      overriding: Set(overridden))
  }
}
