/// A function handed to the reactor, with an identity of its own: one function may be handed over many times.
///
/// The interfaces take plain closures; whoever must tell one function from another, as a recorder or a replay must, makes
/// a `Callable` and hands that over. It belongs to the reactor's thread.
public final class Callable {
  /// A method of one of the reactor's own objects: calling it is no crossing of the boundary.
  public struct Method {
    /// The object.
    public let target: AnyObject
    /// The method's name, as Twisted's interface has it.
    public let name: StaticString
    /// The arguments that it will be called with.
    public let arguments: [BoundaryArgument]
  }

  enum Owner {
    case application
    case method(Method)
    case reactor
  }

  let owner: Owner
  let body: () throws -> Deferred<Void>?

  /// Makes a function of the application's.
  ///
  /// - Parameter body: What it does.
  public convenience init(_ body: @escaping () throws -> Void) {
    self.init(owner: .application) { () throws -> Deferred<Void>? in
      try body()
      return nil
    }
  }

  /// Makes a function of the application's that, as a `before` trigger, may hold its event.
  ///
  /// - Parameter body: What it does; the event goes on when the Deferred that it returns, if any, has fired.
  /// - Returns: The function.
  public static func holding(_ body: @escaping () throws -> Deferred<Void>?) -> Callable {
    Callable(owner: .application, body)
  }

  /// Makes a function out of a method of one of the reactor's own objects, such as `reactor.stop`.
  ///
  /// - Parameters:
  ///   - target: The object.
  ///   - name: The method's name, as Twisted's interface has it.
  ///   - arguments: The arguments that it will be called with.
  ///   - body: Calls it.
  public convenience init(
    method target: AnyObject, _ name: StaticString, _ arguments: [BoundaryArgument] = [],
    _ body: @escaping () throws -> Void
  ) {
    self.init(owner: .method(Method(target: target, name: name, arguments: arguments))) {
      () throws -> Deferred<Void>? in
      try body()
      return nil
    }
  }

  /// Makes a function of the reactor's own, which nobody is told about.
  static func internalFunction(_ body: @escaping () throws -> Void) -> Callable {
    Callable(owner: .reactor) { () throws -> Deferred<Void>? in
      try body()
      return nil
    }
  }

  private init(owner: Owner, _ body: @escaping () throws -> Deferred<Void>?) {
    self.owner = owner
    self.body = body
  }

  /// Calls it, as whoever it was handed to does.
  package func call() throws { _ = try body() }

  /// The method that it stands for, if it is one of the reactor's own objects'.
  public var method: Method? {
    if case .method(let method) = owner { method } else { nil }
  }

  /// Whether it is the application's own.
  var isApplication: Bool {
    if case .application = owner { true } else { false }
  }
}
