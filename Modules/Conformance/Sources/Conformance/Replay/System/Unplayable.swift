/// Why the rest of a recording cannot be played on this system: what has no counterpart, or cannot be had on this machine.
struct Unplayable: Error, CustomStringConvertible {
  /// The reason, for the report.
  let description: String

  init(_ description: String) { self.description = description }
}
