/// A middleware that lets operations fail: as a script says, or by chance from a seed.
///
/// What may fail how is ``IOCall/faults``; a script may say anything. What has happened is in ``InjectingIO/happened``, with its
/// place: ``ReplayIO`` lets the same happen again, without script or chance.
public final class FaultyIO: InjectingIO {
  /// What happens to an operation.
  public enum Effect: Sendable, Hashable {
    /// It fails.
    case fail(Errno)
    /// It would have to wait; for operations that know this.
    case wouldBlock
    /// It is tried with at most so many bytes, at least one; for `receive` and `send`.
    case short(Int)
    /// It finds a pending error of the socket's; for `takeError`.
    case pending(Errno)
    /// A signal ends it, and it has found nothing; for `wait`. Every other operation is made again after EINTR, below
    /// this seam.
    case interrupted
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

  /// Whether operations fail: one that is paused hands everything on, and its script waits.
  public var isPaused = false
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
  public init(
    _ inner: any IOSystem, seed: UInt64, chance: Double, calls: Set<IOCall> = Set(IOCall.allCases)
  ) {
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

  override func decide(at place: FaultPlace) -> Effect? {
    isPaused ? nil : takeScripted(place.call) ?? takeRandom(place.call)
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
    let effect = call.faults.randomElement(using: &random.generator)
    guard case .short = effect else { return effect }
    return .short(Int.random(in: 1...16, using: &random.generator))
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
