import Reactor

/// A poller that reports what one wait found in an order drawn from a seed.
///
/// The kernel promises no order among descriptors, so a reactor on it is a legal one: what an application may rely on holds.
final class ShufflingPoller: Poller {
  private let inner: any Poller
  private var generator: SeededGenerator

  init(_ inner: any Poller, seed: UInt64) {
    self.inner = inner
    generator = SeededGenerator(seed: seed)
  }

  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try inner.add(descriptor, interest, registration: registration)
  }

  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try inner.modify(descriptor, interest, registration: registration)
  }

  func remove(_ descriptor: Int32) {
    inner.remove(descriptor)
  }

  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    try inner.wait(timeout: timeout, into: &events)
    events.shuffle(using: &generator)
  }

  func close() {
    inner.close()
  }
}

/// A small random generator with a seed (SplitMix64): the same seed gives the same order on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
