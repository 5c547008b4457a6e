/// Where in a run a fault happened, in words that hold for another run of the same program.
///
/// Numbers of descriptors and of turns differ between runs and systems. What does not is how far the program was with the
/// descriptor: the how-manieth it was, and what had been done with it.
public struct FaultPlace: Sendable, Hashable {
  /// The operation.
  public var call: IOCall
  /// The how-manieth descriptor, from 1, of all that the system gave: `nil` for an operation on none, and for a descriptor
  /// that the application brought.
  public var descriptor: Int?
  /// What such operations had done with it before: bytes for `receive` and `send`, for the others how often they went well.
  public var after: Int
  /// How many such operations since then had done nothing: they failed, would have had to wait, or had no bytes to tell.
  public var skipping: Int

  /// Makes a place.
  ///
  /// - Parameters:
  ///   - call: The operation.
  ///   - descriptor: The how-manieth descriptor, from 1.
  ///   - after: What such operations had done with it before: bytes, or times.
  ///   - skipping: How many since then had done nothing.
  public init(_ call: IOCall, descriptor: Int?, after: Int, skipping: Int = 0) {
    self.call = call
    self.descriptor = descriptor
    self.after = after
    self.skipping = skipping
  }
}

/// A fault that happened: where, and what.
public struct InjectedFault: Sendable, Hashable {
  /// Where.
  public var place: FaultPlace
  /// What.
  public var effect: FaultyIO.Effect
  /// The operation.
  public var call: IOCall { place.call }

  /// Makes one.
  ///
  /// - Parameters:
  ///   - place: Where.
  ///   - effect: What.
  public init(at place: FaultPlace, _ effect: FaultyIO.Effect) {
    self.place = place
    self.effect = effect
  }
}

/// How far a run is: which places its operations have come to.
struct FaultPlaces {
  private struct Key: Hashable {
    var call: IOCall
    var descriptor: Int?
  }

  private struct Progress {
    var after = 0
    var skipping = 0
  }

  private var given = 0
  private var ordinals: [Int32: Int] = [:]
  private var progress: [Key: Progress] = [:]

  /// The place that an operation is about to be made at.
  func place(_ call: IOCall, _ descriptor: Int32?) -> FaultPlace {
    let key = key(call, descriptor)
    let now = progress[key] ?? Progress()
    return FaultPlace(call, descriptor: key.descriptor, after: now.after, skipping: now.skipping)
  }

  /// An operation was made.
  ///
  /// - Parameters:
  ///   - call: The operation.
  ///   - descriptor: What it was about.
  ///   - count: What it has done: bytes, or once; 0 for nothing.
  mutating func made(_ call: IOCall, _ descriptor: Int32?, _ count: Int) {
    let key = key(call, descriptor)
    var now = progress[key] ?? Progress()
    if count > 0 {
      now.after += count
      now.skipping = 0
    } else {
      now.skipping += 1
    }
    progress[key] = now
  }

  /// The system gave a descriptor.
  mutating func opened(_ descriptor: Int32) {
    given += 1
    ordinals[descriptor] = given
  }

  /// A descriptor was closed: its number may come again for another.
  mutating func closed(_ descriptor: Int32) {
    guard let ordinal = ordinals.removeValue(forKey: descriptor) else { return }
    for call in IOCall.allCases { progress[Key(call: call, descriptor: ordinal)] = nil }
  }

  private func key(_ call: IOCall, _ descriptor: Int32?) -> Key {
    Key(call: call, descriptor: descriptor.flatMap { ordinals[$0] })
  }
}
