import Addresses
import Glibc
import Reactor

/// An operating system whose reads stop at byte limits, and which says when its clock is asked.
///
/// A replay limits what a transport may read to what the trace had been read when the application did something next, so
/// that the application's stand-in does it after the same byte. A descriptor at its limit is left out of the next polls, while
/// its registration with the reactor stays as it is. It is never read with size 0, which would look like the end of the stream.
final class ClampedIO: IOSystem {
  private let inner: any IOSystem
  /// The seed by which one poll's findings are shuffled; `nil` leaves them in their order.
  private let shuffleSeed: UInt64?
  private var pollers: [MaskingPoller] = []
  /// Whether addresses beyond loopback are refused, because the process has no network of its own: a stranger's trace reaches
  /// nobody.
  var isConfined = false
  /// How many bytes may be read from a descriptor now: `nil` for any number.
  ///
  /// It is asked when the descriptor's turn in a batch comes, because what is dispatched before it may be what its reading
  /// waits for.
  var allowance: (Int32) -> Int? = { _ in nil }
  /// What the reactor is told of the time, in nanoseconds; it may last.
  var pace: (Int64) -> Int64 = { $0 }
  /// The sockets of the replay's own that a poll wakes up for besides the reactor's.
  var strangers: () -> [MaskingPoller.Stranger] = { [] }
  /// When polling makes no sense any more, in nanoseconds of the monotonic clock, and what is to be done then.
  var deadline: (time: Int, pass: () -> Void)? {
    didSet { for poller in pollers { poller.deadline = deadline } }
  }
  /// The descriptors whose reading was held back: they are left out of the wait until they may be read.
  private var held: Set<Int32> = []
  /// The sizes of the sockets' buffers, in bytes, where the recording depends on them.
  private let buffers: (send: Int?, receive: Int?)

  init(_ inner: any IOSystem, shuffleSeed: UInt64? = nil, buffers: (send: Int?, receive: Int?) = (nil, nil)) {
    self.inner = inner
    self.shuffleSeed = shuffleSeed
    self.buffers = buffers
  }

  /// Gives a new socket the buffers that the recording's had.
  ///
  /// The kernel doubles what it is told. Beyond its limit it goes for a process that administers its network, as a worker does.
  private func size(_ descriptor: Int32) {
    for (option, forced, size) in [
      (SocketOption.sendBuffer, SO_SNDBUFFORCE, buffers.send), (.receiveBuffer, SO_RCVBUFFORCE, buffers.receive),
    ] {
      guard let size, var value = Int32(exactly: size) else { continue }
      let length = socklen_t(MemoryLayout<Int32>.size)
      // The option's value is these four bytes.
      if unsafe setsockopt(descriptor, SOL_SOCKET, forced, &value, length) == 0 { continue }
      try? inner.setOption(option, of: descriptor, to: value)
    }
  }

  func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    let descriptor = try inner.socket(family, kind)
    size(descriptor)
    return descriptor
  }

  func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    let result = inner.accept(descriptor)
    if case .done(let accepted) = result { size(accepted.descriptor) }
    return result
  }

  /// Takes the descriptors that may be read by now into the wait again; called before each poll.
  func release() {
    for descriptor in held where allowance(descriptor) != 0 {
      held.remove(descriptor)
      mask(descriptor, false)
    }
  }

  private func mask(_ descriptor: Int32, _ masked: Bool) {
    for poller in pollers { poller.setMasked(descriptor, masked) }
  }

  func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    guard let allowance = allowance(descriptor) else { return unsafe inner.receive(descriptor, into: buffer) }
    guard allowance > 0 else {
      held.insert(descriptor)
      mask(descriptor, true)
      return .wouldBlock
    }
    return unsafe inner.receive(descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(allowance)))
  }

  func close(_ descriptor: Int32) throws(Errno) {
    if held.remove(descriptor) != nil { mask(descriptor, false) }
    try inner.close(descriptor)
  }

  func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    var poller = try inner.makePoller(backEnd)
    if let shuffleSeed { poller = ShufflingPoller(poller, seed: shuffleSeed) }
    let masking = MaskingPoller(poller)
    masking.deadline = deadline
    masking.strangers = { [unowned self] in strangers() }
    pollers.append(masking)
    return masking
  }
}

// What is passed on untouched.
extension ClampedIO {
  func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    guard isAllowed(address) else { throw Errno.permissionDenied }
    try inner.bind(descriptor, to: address)
  }

  func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try inner.listen(descriptor, backlog: backlog)
  }

  func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    isAllowed(address) ? inner.connect(descriptor, to: address) : .failed(.permissionDenied)
  }

  private func isAllowed(_ address: Address) -> Bool {
    guard isConfined else { return true }
    return switch address {
    case .ipv4(let address): address.host.isLoopback
    case .ipv6(let address): address.host.isLoopback
    case .unix, .hostname: false
    }
  }

  func takeError(_ descriptor: Int32) throws(Errno) -> Errno? {
    try inner.takeError(descriptor)
  }

  func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try inner.localAddress(descriptor)
  }

  func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try inner.option(option, of: descriptor)
  }

  func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try inner.setOption(option, of: descriptor, to: value)
  }

  func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    unsafe inner.send(descriptor, bytes)
  }

  func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try inner.shutdown(descriptor, direction)
  }

  func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    try inner.setResetOnClose(descriptor)
  }

  func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    try inner.duplicate(descriptor)
  }

  func openReserve() throws(Errno) -> Int32 {
    try inner.openReserve()
  }

  func openWaker() throws(Errno) -> Int32 {
    try inner.openWaker()
  }

  func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try inner.peerAddress(descriptor)
  }

  func monotonicTime() -> Int64 {
    pace(inner.monotonicTime())
  }

  func wallTime() -> Int64 {
    inner.wallTime()
  }
}
