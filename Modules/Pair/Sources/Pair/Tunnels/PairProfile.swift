/// How closely a port or a layer follows Twisted.
public enum PairProfile: String, Hashable, Sendable, CaseIterable {
  /// As Twisted does it, mistakes included: what the traces are checked with.
  case twistedCompatible = "twisted-compatible"
  /// As the standards have it, and without leaks; every difference stands in the list of kept divergences.
  case correct
}
