/// A trace with one alteration of one kind: what a judge that can fail must notice.
///
/// Judging the unaltered recording as a run of a mutant must diverge, except for those that say nothing else than the original
/// does; these are told apart by rule, not by trial.
public struct Mutant: Sendable {
  /// What was altered.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A callback with all that is inside it is left out.
    case dropped
    /// A callback comes once more.
    case added
    /// Two neighbours of one strand have changed places.
    case swapped
    /// A byte has another value.
    case byte
    /// There is a byte more.
    case length
    /// An error is of another family.
    case error
    /// An error has another number of the operating system's.
    case errno
    /// An address has another host.
    case address
    /// An address has another port.
    case port
    /// Something else was returned or raised.
    case outcome
    /// A number is a boolean, or a boolean a number.
    case type
    /// The last callbacks of the run are left out.
    case tail
    /// A connection is lost one callback of its strand earlier.
    case earlyClose = "early-close"
  }

  /// What was altered.
  public let kind: Kind
  /// The event at which it was, by its number in the unaltered trace.
  public let n: Int
  /// What exactly, for people.
  public let what: String
  /// The altered trace.
  public let trace: TraceFile
  /// Why the alteration changes nothing, nil when it does.
  public let equivalent: String?

  /// Makes every mutant of a trace, one after the other.
  ///
  /// - Parameters:
  ///   - trace: The trace.
  ///   - kinds: Which alterations to make.
  ///   - body: Is given each mutant.
  /// - Throws: `TraceError` where the trace's events do not nest, and what `body` throws.
  public static func forEach(
    of trace: TraceFile, kinds: [Kind] = Kind.allCases, _ body: (Mutant) throws -> Void
  ) throws {
    let alterations = try Alterations(trace)
    for kind in kinds {
      try alterations.make(kind) { n, what, rows, equivalent in
        var altered = trace
        altered.events = Alterations.renumbered(rows)
        let reason = try equivalent ?? alterations.sameTail(kind, n, altered)
        try body(Mutant(kind: kind, n: n, what: what, trace: altered, equivalent: reason))
      }
    }
  }
}
