import Addresses

/// A middleware in which operations fail, as ``FaultyIO`` decides or as ``ReplayIO`` was told: what both have in common.
///
/// A fault takes the place of the operation, but for a short count, which shortens it, and for a close, which closes all the same.
public class InjectingIO: ForwardingIO {
  /// The faults that have happened, in order.
  public private(set) var happened: [InjectedFault] = []
  /// Told of each fault as it happens, before the caller of the operation hears of it.
  public var onFault: ((InjectedFault) -> Void)?
  private var places = FaultPlaces()

  /// Decides about an operation that is about to be made.
  ///
  /// - Parameter place: Where the run is.
  /// - Returns: What happens to it; `nil` when it goes well.
  func decide(at place: FaultPlace) -> FaultyIO.Effect? { nil }

  // MARK: - The operations

  /// See ``IOSystem/makePoller(_:)``.
  public override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    let poller = try make(.makePoller, nil) { () throws(Errno) in try super.makePoller(backEnd) }
    return InjectingPoller(poller, io: self)
  }

  /// See ``IOSystem/socket(_:_:)``.
  public override func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    try open(.socket, nil) { () throws(Errno) in try super.socket(family, kind) }
  }

  /// See ``IOSystem/bind(_:to:)``.
  public override func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    try make(.bind, descriptor) { () throws(Errno) in try super.bind(descriptor, to: address) }
  }

  /// See ``IOSystem/listen(_:backlog:)``.
  public override func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try make(.listen, descriptor) { () throws(Errno) in try super.listen(descriptor, backlog: backlog) }
  }

  /// See ``IOSystem/accept(_:)``.
  public override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    let result = attempt(.accept, descriptor, counting: { _ in 1 }) { (_) in super.accept(descriptor) }
    if case .done(let accepted) = result { places.opened(accepted.descriptor) }
    return result
  }

  /// See ``IOSystem/connect(_:to:)``.
  public override func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    attempt(.connect, descriptor, counting: { 1 }) { (_) in super.connect(descriptor, to: address) }
  }

  /// See ``IOSystem/takeError(_:)``.
  public override func takeError(_ descriptor: Int32) throws(Errno) -> Errno? {
    let effect = take(.takeError, descriptor)
    if case .pending(let errno) = effect {
      places.made(.takeError, descriptor, 0)
      return errno
    }
    return try make(.takeError, descriptor, effect) { () throws(Errno) in try super.takeError(descriptor) }
  }

  /// See ``IOSystem/localAddress(_:)``.
  public override func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try make(.localAddress, descriptor) { () throws(Errno) in try super.localAddress(descriptor) }
  }

  /// See ``IOSystem/peerAddress(_:)``.
  public override func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try make(.peerAddress, descriptor) { () throws(Errno) in try super.peerAddress(descriptor) }
  }

  /// See ``IOSystem/option(_:of:)``.
  public override func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try make(.option, descriptor) { () throws(Errno) in try super.option(option, of: descriptor) }
  }

  /// See ``IOSystem/setOption(_:of:to:)``.
  public override func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try make(.setOption, descriptor) { () throws(Errno) in try super.setOption(option, of: descriptor, to: value) }
  }

  /// See ``IOSystem/receive(_:into:)``.
  public override func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    attempt(.receive, descriptor, counting: { $0 }) { (limit) in
      unsafe super.receive(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(limit)))
    }
  }

  /// See ``IOSystem/send(_:_:)``.
  public override func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    attempt(.send, descriptor, counting: { $0 }) { (limit) in
      unsafe super.send(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(limit)))
    }
  }

  /// See ``IOSystem/shutdown(_:_:)``.
  public override func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try make(.shutdown, descriptor) { () throws(Errno) in try super.shutdown(descriptor, direction) }
  }

  /// See ``IOSystem/setResetOnClose(_:)``.
  public override func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    try make(.setResetOnClose, descriptor) { () throws(Errno) in try super.setResetOnClose(descriptor) }
  }

  /// See ``IOSystem/close(_:)``.
  ///
  /// A close that fails has closed all the same.
  public override func close(_ descriptor: Int32) throws(Errno) {
    let effect = take(.close, descriptor)
    places.made(.close, descriptor, 1)
    places.closed(descriptor)
    try super.close(descriptor)
    if case .fail(let errno) = effect { throw errno }
  }

  /// See ``IOSystem/duplicate(_:)``.
  public override func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    try open(.duplicate, descriptor) { () throws(Errno) in try super.duplicate(descriptor) }
  }

  /// See ``IOSystem/openReserve()``.
  public override func openReserve() throws(Errno) -> Int32 {
    try open(.openReserve, nil) { () throws(Errno) in try super.openReserve() }
  }

  /// See ``IOSystem/openWaker()``.
  public override func openWaker() throws(Errno) -> Int32 {
    try open(.openWaker, nil) { () throws(Errno) in try super.openWaker() }
  }

  // MARK: - What they share

  /// The fault of an operation that is about to be made, if it has one.
  fileprivate func take(_ call: IOCall, _ descriptor: Int32?) -> FaultyIO.Effect? {
    let place = places.place(call, descriptor)
    guard let effect = decide(at: place) else { return nil }
    let fault = InjectedFault(at: place, effect)
    happened.append(fault)
    onFault?(fault)
    return effect
  }

  /// Makes an operation that goes well or fails.
  fileprivate func make<Value>(
    _ call: IOCall, _ descriptor: Int32?, _ body: () throws(Errno) -> Value
  ) throws(Errno) -> Value {
    try make(call, descriptor, take(call, descriptor), body)
  }

  fileprivate func make<Value>(
    _ call: IOCall, _ descriptor: Int32?, _ effect: FaultyIO.Effect?, _ body: () throws(Errno) -> Value
  ) throws(Errno) -> Value {
    do throws(Errno) {
      if case .fail(let errno) = effect { throw errno }
      let value = try body()
      places.made(call, descriptor, 1)
      return value
    } catch {
      places.made(call, descriptor, 0)
      throw error
    }
  }

  /// A wait has ended before its time.
  fileprivate func interrupted() { places.made(.wait, nil, 0) }

  /// Makes an operation that gives a descriptor.
  private func open(
    _ call: IOCall, _ descriptor: Int32?, _ body: () throws(Errno) -> Int32
  ) throws(Errno) -> Int32 {
    let opened = try make(call, descriptor, body)
    places.opened(opened)
    return opened
  }

  /// Makes an operation that may have to wait, and may be limited to so many bytes.
  private func attempt<Value>(
    _ call: IOCall, _ descriptor: Int32, counting: (Value) -> Int, _ body: (Int) -> IOResult<Value>
  ) -> IOResult<Value> {
    let result: IOResult<Value> =
      switch take(call, descriptor) {
      case .fail(let errno): .failed(errno)
      case .wouldBlock: .wouldBlock
      case .short(let count): body(max(1, count))
      case .pending, .interrupted, nil: body(.max)
      }
    if case .done(let value) = result {
      places.made(call, descriptor, counting(value))
    } else {
      places.made(call, descriptor, 0)
    }
    return result
  }
}

/// The poller of such a system.
private final class InjectingPoller: ForwardingPoller {
  private let io: InjectingIO

  init(_ inner: any Poller, io: InjectingIO) {
    self.io = io
    super.init(inner)
  }

  override func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.make(.watch, descriptor) { () throws(Errno) in
      try inner.add(descriptor, interest, registration: registration)
    }
  }

  override func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.make(.rewatch, descriptor) { () throws(Errno) in
      try inner.modify(descriptor, interest, registration: registration)
    }
  }

  override func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    let effect = io.take(.wait, nil)
    events.removeAll(keepingCapacity: true)
    if effect == .interrupted { return io.interrupted() }
    events = try io.make(.wait, nil, effect) { () throws(Errno) in
      var found: [PollEvent] = []
      try inner.wait(timeout: timeout, into: &found)
      return found
    }
  }
}
