/// What of a recording of tunnels is under test.
public enum ReplayPart: String, Hashable, Sendable, CaseIterable {
  /// Everything, as it was recorded.
  case whole
  /// The port and the protocol layers: what the I/O system answered is taken from the recording.
  case port
  /// The I/O system: what the port asked of it is asked by the replay.
  case io

  /// The kinds of objects that stand below the port.
  private static let below: Set = ["io", "tunnel", "socket", "build"]
  /// What is made for them.
  private static let constructorsBelow: Set = ["MemoryIOSystem", "RealSystem", "Tunnel"]

  /// Whether an event has a meaning for this part.
  func covers(_ event: Recording.Event) -> Bool {
    let isBelow =
      Self.below.contains(Vocabulary.kind(ofObject: event.target))
      || (event.target == "pair" && Self.constructorsBelow.contains(event.method))
    switch self {
    case .whole: return true
    case .port: return event.kind == .io || !isBelow
    case .io: return isBelow
    }
  }
}
