import Glibc

/// What the tool's exit tells a script.
enum ExitStatus: Int32, Error {
  /// Everything agrees.
  case agrees = 0
  /// Something diverges, crashed or hung.
  case diverges = 1
  /// The command line is wrong, or selects nothing.
  case usage = 2
  /// A trace cannot be read, or is cut off.
  case unreadable = 3
  /// The run could not be made.
  case couldNotRun = 4
  /// The tool itself is at fault.
  case internalError = 70
  /// The user interrupted it.
  case interrupted = 130

  /// Leaves the process.
  func exit() -> Never {
    fflush(nil)
    Glibc.exit(rawValue)
  }
}
