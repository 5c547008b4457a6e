import Reactor

/// What happens to frames that go one way.
public struct FrameFaults: Hashable, Sendable {
  /// How likely it is that a frame is lost, from 0 to 1.
  public var dropChance: Double
  /// How likely it is that one bit of a frame is flipped, from 0 to 1.
  public var flipChance: Double
  /// The length in bytes above which a frame is lost.
  public var lengthLimit: Int?
  /// How many frames get through in a time; those above it are lost.
  public var rate: FrameRate?

  /// Says what happens; without arguments nothing does.
  ///
  /// - Parameters:
  ///   - dropChance: How likely it is that a frame is lost, from 0 to 1.
  ///   - flipChance: How likely it is that one bit of a frame is flipped, from 0 to 1.
  ///   - lengthLimit: The length in bytes above which a frame is lost.
  ///   - rate: How many frames get through in a time.
  public init(dropChance: Double = 0, flipChance: Double = 0, lengthLimit: Int? = nil, rate: FrameRate? = nil) {
    self.dropChance = dropChance
    self.flipChance = flipChance
    self.lengthLimit = lengthLimit
    self.rate = rate
  }
}

/// A token bucket: so many frames in a time on the average, and so many at once.
public struct FrameRate: Hashable, Sendable {
  /// The time after which one more frame gets through.
  public var interval: Duration
  /// How many frames get through at once after a pause.
  public var burst: Int

  /// Makes a rate.
  ///
  /// - Parameters:
  ///   - interval: The time after which one more frame gets through.
  ///   - burst: How many frames get through at once after a pause, and at the start.
  public init(oneEvery interval: Duration, burst: Int = 1) {
    self.interval = interval
    self.burst = burst
  }
}

/// How often something has happened to frames that went one way.
public struct FrameFaultCounts: Hashable, Sendable {
  /// Frames lost by chance.
  public var dropped = 0
  /// Frames with a bit flipped.
  public var flipped = 0
  /// Frames lost for their length.
  public var tooLong = 0
  /// Frames lost for coming too fast.
  public var tooFast = 0

  /// Nothing has happened yet.
  public init() {}
}

/// One way through a faulty device.
struct FaultyDirection {
  /// What becomes of a frame.
  enum Fate {
    case passes
    case isLost
    /// The bit of this number is flipped, counted from the first byte's lowest.
    case isDamaged(bit: Int)
  }

  private let faults: FrameFaults
  private var generator: SplitMix64
  // What the bucket holds, as the time in which it would fill so far; full at the start.
  private var credit: Duration
  private var last: Duration?
  private(set) var counts = FrameFaultCounts()

  init(_ faults: FrameFaults, seed: UInt64) {
    self.faults = faults
    generator = SplitMix64(seed: seed)
    credit = faults.rate.map { $0.interval * max($0.burst, 0) } ?? .zero
  }

  /// Decides about a frame.
  mutating func fate(ofLength length: Int, at time: Duration) -> Fate {
    let isDropped = chance() < faults.dropChance
    let isFlipped = chance() < faults.flipChance
    let place = chance()
    if let limit = faults.lengthLimit, length > limit {
      counts.tooLong += 1
      return .isLost
    }
    guard hasCredit(at: time) else {
      counts.tooFast += 1
      return .isLost
    }
    if isDropped {
      counts.dropped += 1
      return .isLost
    }
    guard isFlipped, length > 0 else { return .passes }
    counts.flipped += 1
    return .isDamaged(bit: min(Int(place * Double(length * 8)), length * 8 - 1))
  }

  /// A number from 0 to below 1, from the generator's upper 53 bits.
  private mutating func chance() -> Double { Double(generator.next() >> 11) * 0x1p-53 }

  /// Takes a token, if there is one.
  private mutating func hasCredit(at time: Duration) -> Bool {
    guard let rate = faults.rate, rate.interval > .zero else { return true }
    if let last, time > last { credit = min(credit + (time - last), rate.interval * max(rate.burst, 0)) }
    last = max(last ?? time, time)
    guard credit >= rate.interval else { return false }
    credit -= rate.interval
    return true
  }
}
