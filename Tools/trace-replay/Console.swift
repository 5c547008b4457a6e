import Conformance
import Glibc

/// The tool's three ways to speak: results, complaints, and one line of progress on a terminal.
enum Console {
  /// Writes a line to the standard output.
  static func print(_ line: String) {
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// Writes a line to the standard error.
  static func complain(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }

  /// Colours for the standard output: on a terminal, unless `NO_COLOR` is set.
  static var palette: Palette {
    unsafe Palette(isOn: isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil)
  }

  /// The path of the running program.
  static var executable: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  fileprivate static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return
      }
      rest = rest.dropFirst(count)
    }
  }
}

/// One line on the terminal that is overwritten as a run goes on; where the standard error is no terminal, a plain line
/// every half minute.
struct ProgressLine {
  private let isShown = isatty(STDERR_FILENO) == 1
  private var width = 0
  private var lastPlain = TraceRecorder.monotonicNanoseconds()

  /// Shows how far a run is.
  mutating func show(_ progress: CheckProgress) {
    guard progress.total > 0 else { return }
    guard isShown else { return showPlain(progress) }
    let cells = 24
    let filled = cells * progress.done / progress.total
    let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: cells - filled)
    let failures = progress.failures > 0 ? ", \(progress.failures) failed" : ""
    var line = "\(bar) \(progress.done)/\(progress.total)\(failures)  \(Terminal.escaped(progress.current))"
    if line.count > 110 { line = line.prefix(109) + "…" }
    let padding = String(repeating: " ", count: max(0, width - line.count))
    width = line.count
    Console.write("\r\(line)\(padding)", to: STDERR_FILENO)
  }

  private mutating func showPlain(_ progress: CheckProgress) {
    let now = TraceRecorder.monotonicNanoseconds()
    guard now - lastPlain >= 30_000_000_000 else { return }
    lastPlain = now
    Console.complain(
      "\(progress.done) of \(progress.total) replays, \(progress.failures) failed; now \(Terminal.escaped(progress.current))"
    )
  }

  /// Takes the line away, so that something else can be printed.
  mutating func clear() {
    guard isShown, width > 0 else { return }
    Console.write("\r" + String(repeating: " ", count: width) + "\r", to: STDERR_FILENO)
    width = 0
  }
}
