import Addresses

@testable import Reactor

/// An operating system that has, when it is scarce, no descriptor for `accept` but those that are given up.
final class ScarceIO: ForwardingIO {
  var isScarce = false
  private(set) var accepts = 0
  private var reserves: Set<Int32> = []

  init() { super.init(SystemIO()) }

  override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    accepts += 1
    return isScarce && !reserves.isEmpty ? .failed(.tooManyOpenFiles) : super.accept(descriptor)
  }

  override func openReserve() throws(Errno) -> Int32 {
    let reserve = try super.openReserve()
    reserves.insert(reserve)
    return reserve
  }

  override func close(_ descriptor: Int32) throws(Errno) {
    reserves.remove(descriptor)
    try super.close(descriptor)
  }
}
