/// A middleware in which the faults of another run happen again, each at its place, without what injected them there.
///
/// The places are those of ``FaultPlace``: over a system that behaves the same, such as ``MemoryNetwork``, the run is the same;
/// over the operating system's sockets it is as far as the same program does the same with each descriptor.
///
/// ```swift
/// let io = ReplayIO(MemoryNetwork(), faults: faulty.happened)
/// ```
public final class ReplayIO: InjectingIO {
  /// The faults that have not happened yet: when the run is over, those whose place it did not come to.
  public private(set) var awaited: [InjectedFault]

  /// Makes a middleware in which faults happen at their places.
  ///
  /// - Parameters:
  ///   - inner: The system that does what goes well.
  ///   - faults: The faults; of two at the same place, one happens.
  public init(_ inner: any IOSystem, faults: [InjectedFault]) {
    awaited = faults
    super.init(inner)
  }

  override func decide(at place: FaultPlace) -> FaultyIO.Effect? {
    guard let index = awaited.firstIndex(where: { $0.place == place }) else { return nil }
    return awaited.remove(at: index).effect
  }
}
