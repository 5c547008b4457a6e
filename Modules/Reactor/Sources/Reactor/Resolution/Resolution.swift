import Addresses

/// The name resolver of a reactor, in both of Twisted's views: a simple one, and one that gives all addresses.
///
/// Whichever of the two is installed, the other is made to ask it, as
/// `twisted.internet.base.PluggableResolverMixin` does.
package final class Resolution {
  /// The reactor's own: it is told the answers that are still under way when another one is installed.
  let system: SystemResolver
  /// The view that gives one IPv4 address.
  private(set) var simple: any SimpleResolver
  /// The view that gives all addresses.
  private(set) var complete: any HostnameResolver

  /// Makes the resolver that asks the operating system, in the reactor's pool of threads.
  package init(_ reactor: Reactor) {
    system = SystemResolver(reactor)
    complete = system
    simple = FirstAnswerResolver(system, reactor)
  }

  /// Installs a simple resolver, and lets the other view ask it.
  func install(_ resolver: any SimpleResolver, in reactor: Reactor) -> any SimpleResolver {
    defer {
      simple = resolver
      complete = OneAnswerResolver(resolver, reactor)
    }
    return simple
  }

  /// Installs a resolver of all addresses, and lets the other view ask it.
  func install(_ resolver: any HostnameResolver, in reactor: Reactor) -> any HostnameResolver {
    defer {
      complete = resolver
      simple = FirstAnswerResolver(resolver, reactor)
    }
    return complete
  }
}

/// A resolver of the system's own: asking it is no crossing.
protocol SystemsOwn {}

extension Reactor {
  /// Resolves a host to an IPv4 address.
  ///
  /// An empty name is 0.0.0.0, and an IPv4 literal is itself, both at once; all else goes to the installed resolver, which
  /// is asked inside this call. Mirrors `twisted.internet.interfaces.IReactorCore.resolve`.
  ///
  /// - Parameters:
  ///   - name: The host.
  ///   - timeout: How long to wait for each attempt, in seconds; the reactor's own resolver ignores it.
  /// - Returns: Fires with an address literal, or fails, with ``DNSLookupError`` for a name that nobody knows.
  /// - Throws: What an installed resolver throws.
  public func resolve(_ name: String, timeout: [Int] = [1, 3, 11, 45]) throws -> Deferred<String> {
    var arguments: [BoundaryArgument] {
      let name = BoundaryArgument("name", .text(name))
      return timeout == [1, 3, 11, 45] ? [name] : [name, BoundaryArgument("timeout", .list(timeout.map { .int($0) }))]
    }
    return try call(self, "resolve", arguments, gives: { $0.crossing(boundary) { .text($0) } }) {
      if name.isEmpty { return .succeed("0.0.0.0") }
      if case .ipv4 = HostLiteral(name) { return .succeed(name) }
      return try ask(resolution.simple, name, timeout)
    }
  }

  /// Installs a resolver of names to single addresses.
  ///
  /// Mirrors
  /// `twisted.internet.interfaces.IReactorPluggableResolver.installResolver`.
  ///
  /// - Parameter resolver: The resolver; held.
  /// - Returns: The one that it replaces.
  @discardableResult
  public func installResolver(_ resolver: any SimpleResolver) -> any SimpleResolver {
    call(
      self, "installResolver", [.init("resolver", .object(resolver, .resolver))], gives: { .object($0, .resolver) }
    ) {
      resolution.install(resolver, in: self)
    }
  }

  /// Installs a resolver of names to all their addresses.
  ///
  /// Mirrors
  /// `twisted.internet.interfaces.IReactorPluggableNameResolver.installNameResolver`.
  ///
  /// - Parameter resolver: The resolver; held.
  /// - Returns: The one that it replaces.
  @discardableResult
  public func installNameResolver(_ resolver: any HostnameResolver) -> any HostnameResolver {
    call(
      self, "installNameResolver", [.init("resolver", .object(resolver, .resolver))],
      gives: { .object($0, .resolver) }
    ) {
      resolution.install(resolver, in: self)
    }
  }

  /// The resolver of names to all their addresses.
  ///
  /// Mirrors
  /// `twisted.internet.interfaces.IReactorPluggableNameResolver.nameResolver`.
  public var nameResolver: any HostnameResolver {
    let resolver = resolution.complete
    boundary?.read(self, "nameResolver", .object(resolver, .resolver))
    return resolver
  }

  /// Asks a simple resolver, which may be the application's.
  func ask(_ resolver: any SimpleResolver, _ name: String, _ timeout: [Int]) throws -> Deferred<String> {
    if resolver is any SystemsOwn { return try resolver.getHostByName(name, timeout: timeout) }
    return try back(
      resolver, "getHostByName",
      [.init("name", .text(name)), .init("timeout", .list(timeout.map { .int($0) }))],
      gives: { $0.crossing(boundary) { .text($0) } }
    ) {
      try resolver.getHostByName(name, timeout: timeout)
    }
  }
}

extension Deferred {
  /// The Deferred as it crosses the boundary; from now on its firing is a crossing too.
  func crossing(_ boundary: Boundary?, _ describe: @escaping (Value) -> BoundaryValue) -> BoundaryValue {
    cross(boundary, describe: describe)
    return switch result {
    case .success(let value): .deferred(self, fired: describe(value))
    case .failure(let error): .deferred(self, fired: .error(error))
    case nil: .deferred(self, fired: nil)
    }
  }
}
