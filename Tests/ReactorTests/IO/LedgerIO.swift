import Addresses

@testable import Reactor

/// An operating system that counts: which descriptors and how many pollers it gave and has not got back, how often it was
/// asked to connect and to send.
final class LedgerIO: ForwardingIO {
  private(set) var open: Set<Int32> = []
  fileprivate(set) var pollers = 0
  private(set) var connects = 0
  private(set) var sends = 0

  override init(_ inner: any IOSystem = SystemIO()) { super.init(inner) }

  override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    let poller = LedgerPoller(try super.makePoller(backEnd), self)
    pollers += 1
    return poller
  }

  override func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    let descriptor = try super.socket(family, kind)
    open.insert(descriptor)
    return descriptor
  }

  override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    let result = super.accept(descriptor)
    if case .done(let accepted) = result { open.insert(accepted.descriptor) }
    return result
  }

  override func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    connects += 1
    return super.connect(descriptor, to: address)
  }

  override func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    sends += 1
    return unsafe super.send(descriptor, bytes)
  }

  override func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    let copy = try super.duplicate(descriptor)
    open.insert(copy)
    return copy
  }

  override func openReserve() throws(Errno) -> Int32 {
    let descriptor = try super.openReserve()
    open.insert(descriptor)
    return descriptor
  }

  override func openWaker() throws(Errno) -> Int32 {
    let descriptor = try super.openWaker()
    open.insert(descriptor)
    return descriptor
  }

  override func close(_ descriptor: Int32) throws(Errno) {
    open.remove(descriptor)
    try super.close(descriptor)
  }
}

private final class LedgerPoller: ForwardingPoller {
  private unowned let ledger: LedgerIO

  init(_ inner: any Poller, _ ledger: LedgerIO) {
    self.ledger = ledger
    super.init(inner)
  }

  override func close() {
    ledger.pollers -= 1
    super.close()
  }
}
