import Addresses

/// One operation on an I/O system, as a ``RecordingIO`` saw it.
public struct IOOperation {
  /// What was given.
  public enum Argument {
    /// A kind of poller.
    case backEnd(BackEnd)
    /// An address family.
    case family(AddressFamily)
    /// What a socket carries.
    case kind(SocketKind)
    /// An address.
    case address(Address)
    /// A socket option.
    case option(SocketOption)
    /// Which direction is shut.
    case direction(ShutdownDirection)
    /// What a poller waits for.
    case interest(Interest)
    /// A number: a backlog, an option's value, a buffer's size, a registration, a time-out in milliseconds.
    case number(Int)
    /// The bytes that were offered.
    case bytes([UInt8])
  }

  /// How it went.
  public enum Outcome {
    /// It was done, and gives nothing.
    case done
    /// It gave a descriptor.
    case descriptor(Int32)
    /// It gave an accepted connection.
    case accepted(Int32, peer: Address)
    /// It gave an address.
    case address(Address)
    /// It gave a number: an option's value, a count of bytes sent.
    case number(Int)
    /// It gave bytes; none at the end of a stream.
    case bytes([UInt8])
    /// It gave a socket's pending error, or told that there is none.
    case pending(Errno?)
    /// It gave what one poll found.
    case events([PollEvent])
    /// It would have had to wait.
    case wouldBlock
    /// It was refused.
    case failed(Errno)
  }

  /// The operation.
  public var call: IOCall
  /// The descriptor that it was about, if it was about one.
  public var descriptor: Int32?
  /// What else was given, in the order of the operation's parameters.
  public var arguments: [Argument]
  /// How it went.
  public var outcome: Outcome
}

/// A middleware that hands each operation, once it is over, to a sink.
public final class RecordingIO: ForwardingIO {
  fileprivate let sink: (IOOperation) -> Void

  /// Wraps a system.
  ///
  /// - Parameters:
  ///   - inner: The system that does what is asked.
  ///   - sink: Takes each operation, in the order in which they end.
  public init(_ inner: any IOSystem, sink: @escaping (IOOperation) -> Void) {
    self.sink = sink
    super.init(inner)
  }

  /// See ``IOSystem/makePoller(_:)``.
  public override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    let poller = try record(.makePoller, nil, [.backEnd(backEnd)], gives: { _ in .done }) { () throws(Errno) in
      try inner.makePoller(backEnd)
    }
    return RecordingPoller(poller, io: self)
  }

  /// See ``IOSystem/socket(_:_:)``.
  public override func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    try record(.socket, nil, [.family(family), .kind(kind)], gives: { .descriptor($0) }) { () throws(Errno) in
      try inner.socket(family, kind)
    }
  }

  /// See ``IOSystem/bind(_:to:)``.
  public override func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    try record(.bind, descriptor, [.address(address)]) { () throws(Errno) in
      try inner.bind(descriptor, to: address)
    }
  }

  /// See ``IOSystem/listen(_:backlog:)``.
  public override func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try record(.listen, descriptor, [.number(Int(backlog))]) { () throws(Errno) in
      try inner.listen(descriptor, backlog: backlog)
    }
  }

  /// See ``IOSystem/accept(_:)``.
  public override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    note(.accept, descriptor, [], gives: { .accepted($0.descriptor, peer: $0.peer) }, inner.accept(descriptor))
  }

  /// See ``IOSystem/connect(_:to:)``.
  public override func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    note(.connect, descriptor, [.address(address)], gives: { .done }, inner.connect(descriptor, to: address))
  }

  /// See ``IOSystem/takeError(_:)``.
  public override func takeError(_ descriptor: Int32) throws(Errno) -> Errno? {
    try record(.takeError, descriptor, [], gives: { .pending($0) }) { () throws(Errno) in
      try inner.takeError(descriptor)
    }
  }

  /// See ``IOSystem/localAddress(_:)``.
  public override func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try record(.localAddress, descriptor, [], gives: { .address($0) }) { () throws(Errno) in
      try inner.localAddress(descriptor)
    }
  }

  /// See ``IOSystem/peerAddress(_:)``.
  public override func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try record(.peerAddress, descriptor, [], gives: { .address($0) }) { () throws(Errno) in
      try inner.peerAddress(descriptor)
    }
  }

  /// See ``IOSystem/option(_:of:)``.
  public override func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try record(.option, descriptor, [.option(option)], gives: { .number(Int($0)) }) { () throws(Errno) in
      try inner.option(option, of: descriptor)
    }
  }

  /// See ``IOSystem/setOption(_:of:to:)``.
  public override func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try record(.setOption, descriptor, [.option(option), .number(Int(value))]) { () throws(Errno) in
      try inner.setOption(option, of: descriptor, to: value)
    }
  }

  /// See ``IOSystem/receive(_:into:)``.
  public override func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    let result = unsafe inner.receive(descriptor, into: buffer)
    // The first bytes of the buffer are those that have just come.
    return note(
      .receive, descriptor, [.number(buffer.count)], gives: { unsafe .bytes(Array(buffer.prefix($0))) }, result)
  }

  /// See ``IOSystem/send(_:_:)``.
  public override func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    let result = unsafe inner.send(descriptor, bytes)
    return unsafe note(.send, descriptor, [.bytes(Array(bytes))], gives: { .number($0) }, result)
  }

  /// See ``IOSystem/shutdown(_:_:)``.
  public override func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try record(.shutdown, descriptor, [.direction(direction)]) { () throws(Errno) in
      try inner.shutdown(descriptor, direction)
    }
  }

  /// See ``IOSystem/setResetOnClose(_:)``.
  public override func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    try record(.setResetOnClose, descriptor, []) { () throws(Errno) in try inner.setResetOnClose(descriptor) }
  }

  /// See ``IOSystem/close(_:)``.
  public override func close(_ descriptor: Int32) throws(Errno) {
    try record(.close, descriptor, []) { () throws(Errno) in try inner.close(descriptor) }
  }

  /// See ``IOSystem/duplicate(_:)``.
  public override func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    try record(.duplicate, descriptor, [], gives: { .descriptor($0) }) { () throws(Errno) in
      try inner.duplicate(descriptor)
    }
  }

  /// See ``IOSystem/openReserve()``.
  public override func openReserve() throws(Errno) -> Int32 {
    try record(.openReserve, nil, [], gives: { .descriptor($0) }) { () throws(Errno) in try inner.openReserve() }
  }

  /// See ``IOSystem/openWaker()``.
  public override func openWaker() throws(Errno) -> Int32 {
    try record(.openWaker, nil, [], gives: { .descriptor($0) }) { () throws(Errno) in try inner.openWaker() }
  }

  fileprivate func record<Value>(
    _ call: IOCall, _ descriptor: Int32?, _ arguments: [IOOperation.Argument],
    gives: (Value) -> IOOperation.Outcome, _ body: () throws(Errno) -> Value
  ) throws(Errno) -> Value {
    do throws(Errno) {
      let value = try body()
      sink(IOOperation(call: call, descriptor: descriptor, arguments: arguments, outcome: gives(value)))
      return value
    } catch {
      sink(IOOperation(call: call, descriptor: descriptor, arguments: arguments, outcome: .failed(error)))
      throw error
    }
  }

  fileprivate func record(
    _ call: IOCall, _ descriptor: Int32?, _ arguments: [IOOperation.Argument], _ body: () throws(Errno) -> Void
  ) throws(Errno) {
    try record(call, descriptor, arguments, gives: { .done }, body)
  }

  private func note<Value>(
    _ call: IOCall, _ descriptor: Int32?, _ arguments: [IOOperation.Argument],
    gives: (Value) -> IOOperation.Outcome, _ result: IOResult<Value>
  ) -> IOResult<Value> {
    let outcome: IOOperation.Outcome =
      switch result {
      case .done(let value): gives(value)
      case .wouldBlock: .wouldBlock
      case .failed(let errno): .failed(errno)
      }
    sink(IOOperation(call: call, descriptor: descriptor, arguments: arguments, outcome: outcome))
    return result
  }
}

/// The poller of a system that is recorded.
private final class RecordingPoller: ForwardingPoller {
  private let io: RecordingIO

  init(_ inner: any Poller, io: RecordingIO) {
    self.io = io
    super.init(inner)
  }

  override func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.record(.watch, descriptor, [.interest(interest), .number(Int(registration))]) { () throws(Errno) in
      try inner.add(descriptor, interest, registration: registration)
    }
  }

  override func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.record(.rewatch, descriptor, [.interest(interest), .number(Int(registration))]) { () throws(Errno) in
      try inner.modify(descriptor, interest, registration: registration)
    }
  }

  override func remove(_ descriptor: Int32) {
    inner.remove(descriptor)
    io.sink(IOOperation(call: .unwatch, descriptor: descriptor, arguments: [], outcome: .done))
  }

  override func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    let arguments = timeout.map { [IOOperation.Argument.number(Int($0))] } ?? []
    events = try io.record(.wait, nil, arguments, gives: { .events($0) }) { () throws(Errno) in
      var found: [PollEvent] = []
      try inner.wait(timeout: timeout, into: &found)
      return found
    }
  }
}
