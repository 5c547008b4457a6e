import Addresses
import Glibc
import Reactor

/// Records what crosses the boundary between an application and a reactor, as a trace.
///
/// Attach it to a reactor before the application makes its first call; from then on every call and callback becomes an event,
/// those of other threads included. Recording changes nothing in what the program does. It holds none of the program's
/// objects.
///
///     let recorder = try TraceRecorder(writingTo: "echo.yaml", header: header)
///     recorder.attach(to: reactor)
///     try reactor.run()
///     try recorder.close()
public final class TraceRecorder: BoundaryObserver, @unchecked Sendable {
  // What changes is behind the lock, which the same thread may take again: the recorder asks the application's objects for
  // their log prefix, and those may do anything.

  /// A crossing that is under way on a thread.
  struct Frame {
    let n: Int
    let kind: TraceEvent.Kind
    let method: String
    /// The reactor whose loop the callbacks directly inside come from: they bear its turn and phase.
    let loop: Reactor?
    /// Whether its outcome stands in the trace already.
    var isWritten = false
  }

  /// Told of each event when it is made, on the thread where it happens: how a replay follows.
  var listener: (any RecorderListener)?
  /// Whether crossings go by unrecorded.
  var isPassive = false
  /// Arguments that a function was handed over with, which the trace of a Python program writes beside it.
  var passedArguments = WeakTable<TraceMapping>()
  /// What fires a function, where the cause that the boundary tells is another: a timer whose method it was handed over with,
  /// or calls from threads, each of which fires it once.
  private var firings = WeakTable<[String]>()
  private var handedWithMethod: [Int: [Callable]] = [:]

  let lock = RecursiveLock()
  private var journal: Journal
  private let file: TraceFileRecording?
  var names = ObjectNames()
  var places = PlaceNames()
  var descriptors = DescriptorNames()
  private var raised = RaisedErrors()
  var stacks: [UInt: [Frame]] = [:]
  private var threads: [UInt: String] = [:]
  private var mainThread = UInt(pthread_self())
  /// The reactors by their handles, which are the reactors as other threads have them.
  private var reactorNames = WeakTable<String>()
  /// The event that began a connector's current attempt, and that of the connection from a local address.
  var attempts = WeakTable<Int>()
  /// The event that handed a connector's `connect` over, to be called later.
  var handedAttempts = WeakTable<Int>()
  var clients: [Address: Int] = [:]

  /// Records into a sink, from now on, on the calling thread's reactor.
  ///
  /// - Parameters:
  ///   - sink: Where the events go; called on the thread of each event, one at a time.
  ///   - clock: Gives nanoseconds; only differences count.
  public init(into sink: any EventSink, clock: @escaping () -> Int = TraceRecorder.monotonicNanoseconds) {
    journal = Journal(sink, clock: clock)
    file = sink as? TraceFileRecording
  }

  /// Records into a file.
  ///
  /// - Parameters:
  ///   - path: The file, made or emptied.
  ///   - header: The trace's header.
  /// - Throws: `TraceError` when the file cannot be made, or the header is wrong.
  public convenience init(writingTo path: String, header: TraceHeader) throws(TraceError) {
    self.init(into: try TraceFileRecording(path: path, header: header))
  }

  /// Sees every crossing of a reactor from now on.
  ///
  /// Call it on the reactor's thread.
  ///
  /// - Parameter reactor: The reactor; not held.
  public func attach(to reactor: Reactor) {
    lock.locked {
      mainThread = UInt(pthread_self())
      let name = names.name(of: reactor) ?? names.next("reactor")
      names.bind(reactor, to: name)
      reactorNames[reactor.handle] = name
    }
    reactor.boundary = Boundary(observer: self)
  }

  /// Ends the recording: what is open stays open in the file, and the trace is complete.
  ///
  /// - Throws: `TraceError` when a file could not be written; what was written stays.
  public func close() throws(TraceError) {
    lock.lock()
    defer { lock.unlock() }
    journal.close()
    try file?.close(open: journal.open)
  }

  /// Nanoseconds of a clock that only goes forward.
  public static func monotonicNanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// The program had the system choose a port and let it go again: it is an input of the trace.
  ///
  /// - Parameter port: The port.
  public func obtained(port: Int) {
    lock.locked { places.obtained(port: port) }
  }

  /// The program lets go of an object; ``check(released:)`` says later whether it was gone.
  ///
  /// - Parameter object: The object; it must have crossed the boundary before, or nothing is recorded. A protocol that an
  ///   endpoint wraps crosses as its wrapper, and stands there under the wrapper's name.
  /// - Returns: The object's name in the trace.
  @discardableResult
  public func drop(_ object: AnyObject) -> String? {
    lock.locked {
      guard let name = names.name(of: object) ?? names.nameOfWrapper(of: object) else { return nil }
      tell(["drop": .word(name)])
      return name
    }
  }

  /// States that an object that was dropped is gone.
  ///
  /// - Parameter name: What ``drop(_:)`` gave.
  /// - Returns: Whether it is; only then the statement is recorded.
  @discardableResult
  public func check(released name: String) -> Bool {
    lock.locked {
      guard names.object(named: name) == nil else { return false }
      tell(["check": ["released": .word(name)]])
      return true
    }
  }

  // What the boundary tells.

  /// Writes that the application calls the system.
  public func callBegan(_ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument]) {
    lock.locked {
      guard !isPassive else { return }
      let name = self.name(of: target, otherwise: .transport)
      let method = "\(method)"
      var event: TraceEvent = ["call": .word("\(name).\(method)")]
      let args = encode(arguments, isTold: false)
      if !args.isEmpty { event.fields["args"] = .mapping(args) }
      if Self.threadCalls.contains(method) { return tellThreadCall(event, method, arguments) }
      begin(event, .call, method, loop: method == "run" || method == "iterate" ? target as? Reactor : nil)
      guard let n = top?.n else { return }
      if method == "connect", target is Connector { attempts[target] = n }
      noteHandedAttempts(arguments, n)
      let handed = Self.handedWithMethod(arguments)
      if !handed.isEmpty { handedWithMethod[n] = handed }
    }
  }

  /// Writes how the latest call has ended.
  public func callEnded(_ outcome: BoundaryOutcome) {
    if top?.loop != nil, !isPassive { listener?.polling() }
    lock.locked { finish(outcome, isTold: true) }
  }

  /// Writes that the system calls the application.
  public func callbackBegan(
    _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument], of cause: AnyObject?
  ) {
    lock.locked {
      guard !isPassive else { return }
      let method = "\(method)"
      let name = self.name(of: target, otherwise: target is Callable ? .function : .protocol)
      var event: TraceEvent = [:]
      if let loop = top?.loop {
        event.fields["turn"] = .int(loop.turn)
        event.fields["phase"] = .word(loop.phase.rawValue)
      }
      noteAttempt(method, arguments)
      if let after = attempt(behind: method, arguments, of: cause) { event.fields["after"] = .list([.int(after)]) }
      event.fields["back"] = .word("\(name).\(method)")
      if let firing = takeFiring(target) {
        event.fields["of"] = .word(firing)
      } else if let cause, !(cause is Connector) {
        event.fields["of"] = .word(self.name(of: cause, otherwise: .trigger))
      }
      var args = encode(arguments, isTold: true)
      addPassed(to: &args, of: target)
      if !args.isEmpty { event.fields["args"] = .mapping(args) }
      begin(event, .back, method, loop: nil)
    }
  }

  /// Writes how the latest callback has ended.
  public func callbackEnded(_ outcome: BoundaryOutcome) {
    lock.locked { finish(outcome, isTold: false) }
  }

  /// Writes what is open: the poll may last.
  public func pollBegan() {
    let isPassive = lock.locked {
      if !self.isPassive { journal.flush() }
      return self.isPassive
    }
    // Not behind the lock: what comes from outside may take those of the reactor.
    if !isPassive { listener?.polling() }
  }

  /// Notes the address by which the other end will know a client.
  public func connecting(_ transport: AnyObject, connector: AnyObject?, from local: Address) {
    lock.locked {
      if let connector { clients[local] = attempts[connector] }
    }
  }

  /// Writes that the application has read an attribute.
  public func attributeRead(_ target: AnyObject, _ name: StaticString, _ value: BoundaryValue) {
    lock.locked {
      guard !isPassive else { return }
      let object = self.name(of: target, otherwise: .transport)
      var given = encode(value, named: "\(name)", isTold: true)
      // Twisted's transports have numbers there.
      if target is any StreamTransport, case .bool(let flag) = given { given = .int(flag ? 1 : 0) }
      tell(["get": .word("\(object).\(name)")], ("gives", given))
    }
  }

  // Events.

  /// The calling thread.
  static var thread: UInt { UInt(pthread_self()) }
  /// Whether this is the reactor's thread.
  var isMainThread: Bool { Self.thread == mainThread }

  /// The innermost crossing under way on this thread.
  var top: Frame? { lock.locked { stacks[Self.thread]?.last } }

  /// Where the next event happens: inside of what, and on which thread.
  private func placed(_ event: TraceEvent) -> TraceEvent {
    var event = event
    if let top { event.fields["in"] = .int(top.n) }
    if !isMainThread {
      let name = threads[Self.thread] ?? names.next("t")
      threads[Self.thread] = name
      event.fields["thread"] = .word(name)
    }
    return event
  }

  private func begin(_ event: TraceEvent, _ kind: TraceEvent.Kind, _ method: String, loop: Reactor?) {
    let event = placed(event)
    let n = journal.begin(event)
    stacks[Self.thread, default: []].append(Frame(n: n, kind: kind, method: method, loop: loop))
    listener?.began(n, event, at: journal.now)
  }

  private func finish(_ outcome: BoundaryOutcome, isTold: Bool) {
    guard !isPassive, let frame = stacks[Self.thread]?.popLast() else { return }
    if stacks[Self.thread]?.isEmpty == true { stacks[Self.thread] = nil }
    if frame.isWritten { return }
    let written: (key: String, value: TraceValue)?
    switch outcome {
    case .gave(.none): written = nil
    case .gave(let value): written = ("gives", encode(value, named: frame.method, isTold: isTold))
    case .raised(let error):
      written = ("raises", encode(error))
      raised.remember(error, event: frame.n)
    }
    if let handed = handedWithMethod.removeValue(forKey: frame.n), let name = written?.value["new"]?.text {
      for callable in handed { firings[callable] = [name] }
    }
    journal.finish(frame.n, written)
    listener?.ended(frame.n, written, at: journal.now)
  }

  /// The calls that another thread may serve before they return.
  private static let threadCalls: Set<String> = ["callFromThread", "callInThread", "callInThreadWithCallback"]

  /// Writes a call that another thread may serve before it returns: its line is complete before the function runs.
  private func tellThreadCall(_ event: TraceEvent, _ method: String, _ arguments: [BoundaryArgument]) {
    let name = names.next("threadcall")
    for argument in arguments {
      guard case .callable(let callable) = argument.value else { continue }
      firings[callable] = (firings[callable] ?? []) + [name]
    }
    tell(event, ("gives", ["new": .word(name)]))
    let frame = Frame(n: journal.count, kind: .call, method: method, loop: nil, isWritten: true)
    stacks[Self.thread, default: []].append(frame)
  }

  /// What fires a function now.
  private func takeFiring(_ target: AnyObject) -> String? {
    guard let names = firings[target], let first = names.first else { return nil }
    // A call from a thread fires it once; what a method was handed over with may come again.
    if names.count > 1 || first.hasPrefix("threadcall") {
      firings[target] = names.count > 1 ? Array(names.dropFirst()) : nil
    }
    return first
  }

  /// Writes an event that nothing happens inside of and that the boundary does not see.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - outcome: What it gave or raised.
  ///   - local: The local address of a connection that it made.
  func tell(
    _ event: TraceEvent, _ outcome: (key: String, value: TraceValue)? = nil, connectedFrom local: Address? = nil
  ) {
    lock.locked {
      guard !isPassive else { return }
      let event = placed(event)
      let n = journal.begin(event)
      if let local { clients[local] = n }
      listener?.began(n, event, at: journal.now)
      journal.finish(n, outcome)
      listener?.ended(n, outcome, at: journal.now)
    }
  }

  /// The functions among the arguments of methods of the system's that are handed over: what fires the method fires them.
  private static func handedWithMethod(_ arguments: [BoundaryArgument]) -> [Callable] {
    arguments.flatMap { argument -> [Callable] in
      guard case .callable(let callable) = argument.value, let method = callable.method else { return [] }
      return method.arguments.compactMap { if case .callable(let inner) = $0.value { inner } else { nil } }
    }
  }

  // Names.

  /// An object's name; one that was never introduced gets it now.
  private func name(of object: AnyObject, otherwise kind: ObjectKind) -> String {
    if let place = object as? SystemPlace { return place.traceName }
    if object is ReactorHandle, let name = reactorNames[object] { return name }
    if let name = names.name(of: object) { return name }
    let name = names.next(kind.rawValue)
    names.bind(object, to: name)
    return name
  }

  /// An error as the format writes it.
  func encode(_ error: any Error) -> TraceValue {
    var fields: TraceMapping = [:]
    if let recorded = error as? RecordedError {
      fields["error"] = .word(recorded.traceName)
      if let name = recorded.className { fields["class"] = .string(name) }
    } else if let named = error as? any NamedError {
      fields["error"] = .word(named.traceName)
    } else {
      fields["error"] = .word("application")
      fields["class"] = .string(String(describing: type(of: error)))
    }
    if let errno = (error as? any NamedError)?.errno { fields["errno"] = .word(errno.name) }
    if fields["error"]?.text == "application", let event = raised.event(of: error) { fields["raised"] = .int(event) }
    return .mapping(fields)
  }
}

/// Follows a recording while it is made.
protocol RecorderListener: AnyObject {
  /// A crossing has begun.
  func began(_ n: Int, _ event: TraceEvent, at: Int)
  /// A crossing has ended, with `gives` or `raises` or nothing.
  func ended(_ n: Int, _ outcome: (key: String, value: TraceValue)?, at: Int)
  /// An object of the system's has been named.
  func introduced(_ object: AnyObject, as name: String)
  /// The loop is about to poll, or to end.
  func polling()
  /// What a value that the application passed on stands for in this run.
  func live(_ passed: TraceValue) -> TraceValue
}
