import Addresses

/// Sees each crossing between an application and its reactor.
///
/// A recorder and a replay are two.
///
/// Crossings of one thread nest: ends come in the opposite order of beginnings. Those of other threads than the reactor's
/// come on those threads, at any moment.
public protocol BoundaryObserver: AnyObject {
  /// The application calls the system.
  ///
  /// - Parameters:
  ///   - target: The system's object.
  ///   - method: The method, as Twisted's interface names it.
  ///   - arguments: Its arguments, without those equal to their defaults.
  func callBegan(_ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument])

  /// The latest call that has begun has ended.
  ///
  /// - Parameter outcome: How.
  func callEnded(_ outcome: BoundaryOutcome)

  /// The system calls the application.
  ///
  /// - Parameters:
  ///   - target: The application's object.
  ///   - method: The method, as Twisted's interface names it; `call` for a function.
  ///   - arguments: Its arguments.
  ///   - cause: What fired a function: a delayed call, a trigger's id, a call from a thread. Of a client's `buildProtocol`
  ///     its connector, which tells apart the clients of one factory.
  func callbackBegan(
    _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument], of cause: AnyObject?)

  /// The latest callback that has begun has ended.
  ///
  /// - Parameter outcome: How.
  func callbackEnded(_ outcome: BoundaryOutcome)

  /// The loop is about to poll.
  func pollBegan()

  /// A client's socket has just been told to connect.
  ///
  /// - Parameters:
  ///   - transport: The transport of the attempt.
  ///   - connector: Its connector, if it has one.
  ///   - local: The socket's own address.
  func connecting(_ transport: AnyObject, connector: AnyObject?, from local: Address)

  /// The application has read an attribute of the system's.
  ///
  /// - Parameters:
  ///   - target: The system's object.
  ///   - name: The attribute, as Twisted names it.
  ///   - value: What it read.
  func attributeRead(_ target: AnyObject, _ name: StaticString, _ value: BoundaryValue)
}

/// Where the application makes a system object itself, as a trace names it: `abstract.FileDescriptor` is a call of `abstract`.
public final class SystemPlace: Sendable {
  /// What `twisted.internet.abstract` has.
  public static let abstract = SystemPlace("abstract")

  /// The place's name in traces.
  public let traceName: String

  private init(_ traceName: String) { self.traceName = traceName }
}

/// Decides what is a crossing: one stack of sides a thread.
///
/// A call is one only when the application is on top, a callback only when the system is.
///
/// On the thread that made it, and on any thread of the application's, the application is at the bottom; on the threads of
/// the reactor's pool, the system is.
public final class Boundary: @unchecked Sendable {
  // The stacks are behind a lock. The observer is called on the thread of each crossing, as its documentation says, and so
  // has to be fit for the threads that its reactor is used with.

  private enum Side {
    case application
    case system
  }

  /// Who is told.
  public let observer: any BoundaryObserver
  private let stacks = Monitor<[ThreadID: [Side]]>([:])

  /// Makes a boundary.
  ///
  /// - Parameter observer: Who is told of each crossing; held.
  public init(observer: any BoundaryObserver) {
    self.observer = observer
  }

  /// Whether the application is in control on this thread.
  package var isInApplication: Bool { top == .application }

  private var top: Side { stacks.withLock { $0[.current]?.last } ?? .application }

  private func push(_ side: Side) {
    stacks.withLock { $0[.current, default: []].append(side) }
  }

  private func pop() {
    stacks.withLock { (stacks) in
      let thread = ThreadID.current
      stacks[thread]?.removeLast()
      if stacks[thread]?.isEmpty == true { stacks[thread] = nil }
    }
  }

  /// Does what comes from outside while the system is in control, as a signal's handler would: the application has control.
  package func interrupted<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    push(.application)
    defer { pop() }
    return try body()
  }

  /// Makes a call from the application to the system, if it is one.
  package func call<R, E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument],
    gives: (R) -> BoundaryValue, _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard top == .application else { return try body() }
    observer.callBegan(target, method, arguments())
    let result: R
    do throws(E) {
      push(.system)
      defer { pop() }
      result = try body()
    } catch {
      observer.callEnded(.raised(error))
      throw error
    }
    observer.callEnded(.gave(gives(result)))
    return result
  }

  /// Makes a callback from the system to the application, if it is one.
  package func back<R, E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument],
    of cause: AnyObject?, gives: (R) -> BoundaryValue, _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard top == .system else { return try body() }
    observer.callbackBegan(target, method, arguments(), of: cause)
    let result: R
    do throws(E) {
      push(.application)
      defer { pop() }
      result = try body()
    } catch {
      observer.callbackEnded(.raised(error))
      throw error
    }
    observer.callbackEnded(.gave(gives(result)))
    return result
  }

  /// Crosses to the side that is not in control: what fires a Deferred is on one side, what it was handed to on the other.
  package func either<R, E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument],
    _ body: () throws(E) -> R
  ) throws(E) -> R {
    if isInApplication {
      try call(target, method, arguments(), gives: { _ in .none }, body)
    } else {
      try back(target, method, arguments(), of: nil, gives: { _ in .none }, body)
    }
  }

  /// Runs the work of a pool's thread, at whose bottom the system is.
  package func onSystemThread(_ body: () -> Void) {
    push(.system)
    defer { pop() }
    body()
  }

  /// Tells of an attribute that the application has read.
  package func read(_ target: AnyObject, _ name: StaticString, _ value: @autoclosure () -> BoundaryValue) {
    if isInApplication { observer.attributeRead(target, name, value()) }
  }
}

extension Reactor {
  /// Makes a call from the application to the system: the way in of every public method.
  @inline(__always)
  package func call<R, E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [],
    gives: (R) -> BoundaryValue, _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard let boundary else { return try body() }
    return try boundary.call(target, method, arguments(), gives: gives, body)
  }

  /// Makes a call that returns nothing.
  @inline(__always)
  package func call<E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [],
    _ body: () throws(E) -> Void
  ) throws(E) {
    guard let boundary else { return try body() }
    try boundary.call(target, method, arguments(), gives: { _ in .none }, body)
  }

  /// Makes a callback from the system to the application: the way out of every up-call.
  @inline(__always)
  package func back<R, E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [],
    of cause: AnyObject? = nil, gives: (R) -> BoundaryValue, _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard let boundary else { return try body() }
    return try boundary.back(target, method, arguments(), of: cause, gives: gives, body)
  }

  /// Makes a callback that returns nothing.
  @inline(__always)
  package func back<E: Error>(
    _ target: AnyObject, _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [],
    of cause: AnyObject? = nil, _ body: () throws(E) -> Void
  ) throws(E) {
    guard let boundary else { return try body() }
    try boundary.back(target, method, arguments(), of: cause, gives: { _ in .none }, body)
  }
}
