import Addresses

/// An I/O system that hands everything on to another: what a middleware overrides a part of.
open class ForwardingIO: IOSystem {
  /// The system that everything is handed on to.
  public let inner: any IOSystem

  /// Wraps a system.
  ///
  /// - Parameter inner: The system that everything is handed on to.
  public init(_ inner: any IOSystem) {
    self.inner = inner
  }

  /// See ``IOSystem/makePoller(_:)``.
  open func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller { try inner.makePoller(backEnd) }

  /// See ``IOSystem/socket(_:_:)``.
  open func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    try inner.socket(family, kind)
  }

  /// See ``IOSystem/bind(_:to:)``.
  open func bind(_ descriptor: Int32, to address: Address) throws(Errno) { try inner.bind(descriptor, to: address) }

  /// See ``IOSystem/listen(_:backlog:)``.
  open func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try inner.listen(descriptor, backlog: backlog)
  }

  /// See ``IOSystem/accept(_:)``.
  open func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> { inner.accept(descriptor) }

  /// See ``IOSystem/connect(_:to:)``.
  open func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    inner.connect(descriptor, to: address)
  }

  /// See ``IOSystem/takeError(_:)``.
  open func takeError(_ descriptor: Int32) throws(Errno) -> Errno? { try inner.takeError(descriptor) }

  /// See ``IOSystem/localAddress(_:)``.
  open func localAddress(_ descriptor: Int32) throws(Errno) -> Address { try inner.localAddress(descriptor) }

  /// See ``IOSystem/peerAddress(_:)``.
  open func peerAddress(_ descriptor: Int32) throws(Errno) -> Address { try inner.peerAddress(descriptor) }

  /// See ``IOSystem/option(_:of:)``.
  open func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try inner.option(option, of: descriptor)
  }

  /// See ``IOSystem/setOption(_:of:to:)``.
  open func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try inner.setOption(option, of: descriptor, to: value)
  }

  /// See ``IOSystem/receive(_:into:)``.
  open func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    unsafe inner.receive(descriptor, into: buffer)
  }

  /// See ``IOSystem/send(_:_:)``.
  open func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    unsafe inner.send(descriptor, bytes)
  }

  /// See ``IOSystem/shutdown(_:_:)``.
  open func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try inner.shutdown(descriptor, direction)
  }

  /// See ``IOSystem/setResetOnClose(_:)``.
  open func setResetOnClose(_ descriptor: Int32) throws(Errno) { try inner.setResetOnClose(descriptor) }

  /// See ``IOSystem/close(_:)``.
  open func close(_ descriptor: Int32) throws(Errno) { try inner.close(descriptor) }

  /// See ``IOSystem/duplicate(_:)``.
  open func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 { try inner.duplicate(descriptor) }

  /// See ``IOSystem/openReserve()``.
  open func openReserve() throws(Errno) -> Int32 { try inner.openReserve() }

  /// See ``IOSystem/openWaker()``.
  open func openWaker() throws(Errno) -> Int32 { try inner.openWaker() }

  /// See ``IOSystem/monotonicTime()``.
  open func monotonicTime() -> Int64 { inner.monotonicTime() }

  /// See ``IOSystem/wallTime()``.
  open func wallTime() -> Int64 { inner.wallTime() }
}

/// A poller that hands everything on to another: what a middleware overrides a part of.
open class ForwardingPoller: Poller {
  /// The poller that everything is handed on to.
  public let inner: any Poller

  /// Wraps a poller.
  ///
  /// - Parameter inner: The poller that everything is handed on to.
  public init(_ inner: any Poller) {
    self.inner = inner
  }

  /// See ``Poller/add(_:_:registration:)``.
  open func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try inner.add(descriptor, interest, registration: registration)
  }

  /// See ``Poller/modify(_:_:registration:)``.
  open func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try inner.modify(descriptor, interest, registration: registration)
  }

  /// See ``Poller/remove(_:)``.
  open func remove(_ descriptor: Int32) { inner.remove(descriptor) }

  /// See ``Poller/wait(timeout:into:)``.
  open func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    try inner.wait(timeout: timeout, into: &events)
  }

  /// See ``Poller/close()``.
  open func close() { inner.close() }
}
