import Addresses

/// Asks the operating system for a host's addresses, in the reactor's pool of threads.
///
/// Mirrors `twisted.internet._resolver.GAIResolver`: whatever goes wrong is an answer without addresses, and a look-up
/// cannot be stopped.
final class SystemResolver: HostnameResolver, SystemsOwn {
  private unowned let reactor: Reactor
  private var pending: [Int: any ResolutionReceiver] = [:]
  private var asked = 0

  init(_ reactor: Reactor) {
    self.reactor = reactor
  }

  func resolveHostName(
    _ receiver: any ResolutionReceiver, hostName: String, portNumber: UInt16, addressTypes: AddressTypes,
    transportSemantics: TransportKind
  ) throws -> any HostResolution {
    try reactor.call(
      self, "resolveHostName",
      Self.arguments(receiver, hostName, portNumber, addressTypes, transportSemantics),
      gives: { .object($0, .resolution) }
    ) {
      let resolution = SystemResolution(hostName)
      try reactor.began(resolution, receiver)
      asked += 1
      let number = asked
      pending[number] = receiver
      reactor.lookUpInPool(number) {
        SystemNames.addresses(of: hostName, port: portNumber, addressTypes, for: transportSemantics)
      }
      return resolution
    }
  }

  /// Forgets who waits for an answer: the reactor has stopped.
  ///
  /// - Returns: Who waited, for the caller to let go of.
  func forget() -> [any ResolutionReceiver] {
    defer { pending = [:] }
    return Array(pending.values)
  }

  /// The answer is there; called on the reactor's thread.
  func finish(_ number: Int, _ addresses: [Address]) throws {
    guard let receiver = pending.removeValue(forKey: number) else { return }
    for address in addresses { try reactor.resolved(address, receiver) }
    try reactor.completed(receiver)
  }

  /// The arguments of `resolveHostName` as they cross the boundary.
  static func arguments(
    _ receiver: any ResolutionReceiver, _ hostName: String, _ portNumber: UInt16, _ addressTypes: AddressTypes,
    _ transportSemantics: TransportKind
  ) -> [BoundaryArgument] {
    var arguments = [
      BoundaryArgument("resolutionReceiver", .object(receiver, .receiver)),
      BoundaryArgument("hostName", .text(hostName)),
    ]
    if portNumber != 0 { arguments.append(BoundaryArgument("portNumber", .int(Int(portNumber)))) }
    switch addressTypes {
    case .ipv4: arguments.append(BoundaryArgument("addressTypes", .list([.text("ipv4")])))
    case .ipv6: arguments.append(BoundaryArgument("addressTypes", .list([.text("ipv6")])))
    case .any: break
    }
    if transportSemantics != .tcp {
      arguments.append(BoundaryArgument("transportSemantics", .text(transportSemantics.rawValue)))
    }
    return arguments
  }
}

/// A look-up of the system's own.
///
/// Mirrors `twisted.internet._resolver.HostResolution`.
final class SystemResolution: HostResolution {
  let name: String

  init(_ name: String) {
    self.name = name
  }

  func cancel() throws {
    throw ResolutionError.cannotCancel
  }
}

/// A call that a look-up refuses.
public enum ResolutionError: NamedError, Hashable {
  /// It cannot be stopped: Twisted's `NotImplementedError`.
  case cannotCancel

  /// The family's name in the trace format.
  public var traceName: String { "not-implemented" }
}

extension Reactor {
  /// Looks a host up in the pool of threads, and tells the system's resolver on the reactor's thread.
  func lookUpInPool(_ number: Int, _ work: @escaping @Sendable () -> [Address]) {
    let handle = handle
    pool.callInThreadInternally {
      let found = work()
      handle.enqueue(ThreadCall(nil) { (reactor) in try reactor.resolution.system.finish(number, found) })
    }
  }
}

// What a receiver is told: an application's across the boundary.
extension Reactor {
  func began(_ resolution: any HostResolution, _ receiver: any ResolutionReceiver) throws {
    if receiver is any SystemsOwn { return try receiver.resolutionBegan(resolution) }
    try back(receiver, "resolutionBegan", [.init("resolutionInProgress", .object(resolution, .resolution))]) {
      try receiver.resolutionBegan(resolution)
    }
  }

  func resolved(_ address: Address, _ receiver: any ResolutionReceiver) throws {
    if receiver is any SystemsOwn { return try receiver.addressResolved(address) }
    try back(receiver, "addressResolved", [.init("address", .address(address))]) {
      try receiver.addressResolved(address)
    }
  }

  func completed(_ receiver: any ResolutionReceiver) throws {
    if receiver is any SystemsOwn { return try receiver.resolutionComplete() }
    try back(receiver, "resolutionComplete") { try receiver.resolutionComplete() }
  }
}
