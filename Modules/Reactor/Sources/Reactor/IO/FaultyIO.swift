import Addresses

/// A middleware that lets operations fail: as a script says, or by chance from a seed.
///
/// A fault takes the place of the operation, but for a short count, which shortens it. EINTR cannot be among them: it is
/// dealt with below this seam.
public final class FaultyIO: ForwardingIO {
  /// What happens to an operation.
  public enum Effect: Sendable, Hashable {
    /// It fails.
    case fail(Errno)
    /// It would have to wait; for operations that know this.
    case wouldBlock
    /// It is tried with at most so many bytes, at least one; for `receive` and `send`.
    case short(Int)
  }

  /// A fault to come.
  public struct Fault: Sendable, Hashable {
    /// The operation that it happens to.
    public var call: IOCall
    /// What happens.
    public var effect: Effect
    /// How many such operations go well before.
    public var skipping: Int
    /// To how many operations in a row it then happens.
    public var times: Int

    /// Makes a fault.
    ///
    /// - Parameters:
    ///   - call: The operation that it happens to.
    ///   - effect: What happens.
    ///   - skipping: How many such operations go well before.
    ///   - times: To how many operations in a row it then happens.
    public init(_ call: IOCall, _ effect: Effect, skipping: Int = 0, times: Int = 1) {
      self.call = call
      self.effect = effect
      self.skipping = skipping
      self.times = times
    }
  }

  /// The faults that have happened, in order.
  public private(set) var happened: [(call: IOCall, effect: Effect)] = []
  private var script: [Fault]
  private var random: (generator: SplitMix64, chance: Double, calls: Set<IOCall>)?

  /// Makes a middleware that follows a script; faults of one operation come one after the other.
  ///
  /// - Parameters:
  ///   - inner: The system that does what goes well.
  ///   - script: The faults to come.
  public init(_ inner: any IOSystem, script: [Fault] = []) {
    self.script = script
    super.init(inner)
  }

  /// Makes a middleware that lets operations fail by chance, in ways that they can fail in.
  ///
  /// - Parameters:
  ///   - inner: The system that does what goes well.
  ///   - seed: Where the chances come from: the same seed and the same operations give the same faults.
  ///   - chance: How often one of the operations fails, from 0 to 1.
  ///   - calls: The operations that may fail.
  public init(_ inner: any IOSystem, seed: UInt64, chance: Double, calls: Set<IOCall>) {
    script = []
    random = (SplitMix64(seed: seed), chance, calls)
    super.init(inner)
  }

  /// Adds a fault at the end of the script.
  ///
  /// - Parameter fault: The fault.
  public func inject(_ fault: Fault) {
    script.append(fault)
  }

  // MARK: - The operations

  /// See ``IOSystem/makePoller(_:)``.
  public override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    try check(.makePoller)
    return FaultyPoller(try super.makePoller(backEnd), io: self)
  }

  /// See ``IOSystem/socket(_:_:)``.
  public override func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    try check(.socket)
    return try super.socket(family, kind)
  }

  /// See ``IOSystem/bind(_:to:)``.
  public override func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    try check(.bind)
    try super.bind(descriptor, to: address)
  }

  /// See ``IOSystem/listen(_:backlog:)``.
  public override func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try check(.listen)
    try super.listen(descriptor, backlog: backlog)
  }

  /// See ``IOSystem/accept(_:)``.
  public override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    switch take(.accept) {
    case .fail(let errno): .failed(errno)
    case .wouldBlock: .wouldBlock
    case .short, nil: super.accept(descriptor)
    }
  }

  /// See ``IOSystem/connect(_:to:)``.
  public override func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    switch take(.connect) {
    case .fail(let errno): .failed(errno)
    case .wouldBlock: .wouldBlock
    case .short, nil: super.connect(descriptor, to: address)
    }
  }

  /// See ``IOSystem/takeError(_:)``.
  public override func takeError(_ descriptor: Int32) throws(Errno) -> Errno? {
    try check(.takeError)
    return try super.takeError(descriptor)
  }

  /// See ``IOSystem/localAddress(_:)``.
  public override func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try check(.localAddress)
    return try super.localAddress(descriptor)
  }

  /// See ``IOSystem/peerAddress(_:)``.
  public override func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try check(.peerAddress)
    return try super.peerAddress(descriptor)
  }

  /// See ``IOSystem/option(_:of:)``.
  public override func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try check(.option)
    return try super.option(option, of: descriptor)
  }

  /// See ``IOSystem/setOption(_:of:to:)``.
  public override func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    try check(.setOption)
    try super.setOption(option, of: descriptor, to: value)
  }

  /// See ``IOSystem/receive(_:into:)``.
  public override func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    switch take(.receive) {
    case .fail(let errno): return .failed(errno)
    case .wouldBlock: return .wouldBlock
    case .short(let count):
      let some = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(max(1, count)))
      return unsafe super.receive(descriptor, into: some)
    case nil: return unsafe super.receive(descriptor, into: buffer)
    }
  }

  /// See ``IOSystem/send(_:_:)``.
  public override func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    switch take(.send) {
    case .fail(let errno): return .failed(errno)
    case .wouldBlock: return .wouldBlock
    case .short(let count):
      return unsafe super.send(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(max(1, count))))
    case nil: return unsafe super.send(descriptor, bytes)
    }
  }

  /// See ``IOSystem/shutdown(_:_:)``.
  public override func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try check(.shutdown)
    try super.shutdown(descriptor, direction)
  }

  /// See ``IOSystem/setResetOnClose(_:)``.
  public override func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    try check(.setResetOnClose)
    try super.setResetOnClose(descriptor)
  }

  /// See ``IOSystem/close(_:)``.
  ///
  /// A close that fails has closed all the same.
  public override func close(_ descriptor: Int32) throws(Errno) {
    try super.close(descriptor)
    try check(.close)
  }

  /// See ``IOSystem/duplicate(_:)``.
  public override func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    try check(.duplicate)
    return try super.duplicate(descriptor)
  }

  /// See ``IOSystem/openReserve()``.
  public override func openReserve() throws(Errno) -> Int32 {
    try check(.openReserve)
    return try super.openReserve()
  }

  /// See ``IOSystem/openWaker()``.
  public override func openWaker() throws(Errno) -> Int32 {
    try check(.openWaker)
    return try super.openWaker()
  }

  // MARK: - Chance and script

  fileprivate func check(_ call: IOCall) throws(Errno) {
    if case .fail(let errno) = take(call) { throw errno }
  }

  /// The fault of an operation that is about to be made, if it has one.
  private func take(_ call: IOCall) -> Effect? {
    let effect = takeScripted(call) ?? takeRandom(call)
    if let effect { happened.append((call, effect)) }
    return effect
  }

  private func takeScripted(_ call: IOCall) -> Effect? {
    guard let index = script.firstIndex(where: { $0.call == call }) else { return nil }
    if script[index].skipping > 0 {
      script[index].skipping -= 1
      return nil
    }
    let effect = script[index].effect
    script[index].times -= 1
    if script[index].times <= 0 { script.remove(at: index) }
    return effect
  }

  private func takeRandom(_ call: IOCall) -> Effect? {
    guard var random, random.calls.contains(call) else { return nil }
    defer { self.random = random }
    guard Double.random(in: 0..<1, using: &random.generator) < random.chance else { return nil }
    var effects = call.possibleErrors.map(Effect.fail)
    if call.mayBlock { effects.append(.wouldBlock) }
    if call.mayBeShort { effects.append(.short(Int.random(in: 1...16, using: &random.generator))) }
    return effects.randomElement(using: &random.generator)
  }
}

/// The poller of a faulty system.
private final class FaultyPoller: ForwardingPoller {
  private let io: FaultyIO

  init(_ inner: any Poller, io: FaultyIO) {
    self.io = io
    super.init(inner)
  }

  override func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.check(.watch)
    try super.add(descriptor, interest, registration: registration)
  }

  override func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try io.check(.rewatch)
    try super.modify(descriptor, interest, registration: registration)
  }

  override func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    try io.check(.wait)
    try super.wait(timeout: timeout, into: &events)
  }
}

/// A small generator of numbers that are the same for the same seed, everywhere: Steele, Lea and Flood's SplitMix64.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
