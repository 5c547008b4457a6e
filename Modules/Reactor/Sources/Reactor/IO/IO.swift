import Addresses

/// An I/O system with a fast case: the real one, which holds nothing, is called without an existential in between.
package struct IO {
  /// The system, as whoever made the reactor passed it.
  package let base: any IOSystem
  private let isSystem: Bool

  package init(_ io: any IOSystem) {
    base = io
    isSystem = io is SystemIO
  }

  @inline(__always)
  package func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    isSystem ? unsafe SystemIO.receive(descriptor, into: buffer) : unsafe base.receive(descriptor, into: buffer)
  }

  @inline(__always)
  package func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    isSystem ? unsafe SystemIO.send(descriptor, bytes) : unsafe base.send(descriptor, bytes)
  }

  @inline(__always)
  package func monotonicTime() -> Int64 { isSystem ? SystemIO.monotonicTime() : base.monotonicTime() }
}

// What is not on the path from readable to written goes through the existential.
extension IO {
  package func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller { try base.makePoller(backEnd) }

  package func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    try base.socket(family, kind)
  }

  package func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    try base.bind(descriptor, to: address)
  }

  package func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try base.listen(descriptor, backlog: backlog)
  }

  package func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    base.accept(descriptor)
  }

  package func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    base.connect(descriptor, to: address)
  }

  package func takeError(_ descriptor: Int32) throws(Errno) -> Errno? { try base.takeError(descriptor) }

  package func localAddress(_ descriptor: Int32) throws(Errno) -> Address { try base.localAddress(descriptor) }

  package func peerAddress(_ descriptor: Int32) throws(Errno) -> Address { try base.peerAddress(descriptor) }

  package func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try base.option(option, of: descriptor)
  }

  package func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try base.setOption(option, of: descriptor, to: value)
  }

  package func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try base.shutdown(descriptor, direction)
  }

  package func setResetOnClose(_ descriptor: Int32) throws(Errno) { try base.setResetOnClose(descriptor) }

  package func close(_ descriptor: Int32) throws(Errno) { try base.close(descriptor) }

  package func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 { try base.duplicate(descriptor) }

  package func openReserve() throws(Errno) -> Int32 { try base.openReserve() }

  package func openWaker() throws(Errno) -> Int32 { try base.openWaker() }

  package func wallTime() -> Int64 { base.wallTime() }
}
