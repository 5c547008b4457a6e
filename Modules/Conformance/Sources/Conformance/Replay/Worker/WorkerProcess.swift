import Glibc

/// A process of our own that replays cases, one at a time, so that a trap, a hang or a signal handler in one is a result.
///
/// The parent asks with a line and is answered with a line. While a case runs, the worker appends what it records to a
/// nameless scratch file that both hold, so that the crossings that were open when it died can be told.
public final class WorkerProcess {
  /// What became of one request.
  public enum Reply: Sendable, Equatable {
    /// The worker's answer, without the end of its line.
    case answered(String)
    /// The worker ended: by a signal, or by itself with a status.
    case died(Death)
    /// The worker said nothing in time, and was killed.
    case silent
  }

  /// How a worker ended.
  public enum Death: Sendable, Equatable, CustomStringConvertible {
    /// A signal killed it, by number.
    case signal(Int32)
    /// It exited.
    case exit(Int32)

    /// A few words, such as `signal 11 (Segmentation fault)`.
    public var description: String {
      switch self {
      case .signal(let number): unsafe "signal \(number) (\(String(cString: strsignal(number))))"
      case .exit(let status): "exit status \(status)"
      }
    }
  }

  /// The descriptor in the worker to which it appends what it records.
  public static let scratchDescriptor: Int32 = 3
  /// The line by which a worker says that it has read what it was asked to do, and now does it.
  public static let ready = "ready"
  /// The longest answer that is read, in bytes.
  private static let longestAnswer = 64 << 20

  private let process: pid_t
  /// Requests go out through it, answers come in.
  private let channel: Int32
  private let scratch: Int32
  private let complaints: Int32
  private var buffer: [UInt8] = []
  private var death: Death?

  /// Starts a worker.
  ///
  /// - Parameters:
  ///   - executable: The path of the program.
  ///   - arguments: What follows the program's name.
  /// - Throws: ``WorkerError`` when it cannot be started.
  public init(executable: String, arguments: [String]) throws(WorkerError) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw WorkerError(step: "socketpair", errno: errno) }
    let scratch = try Self.makeNamelessFile()
    let complaints = try Self.makeNamelessFile()

    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, complaints, 2)
    unsafe posix_spawn_file_actions_adddup2(&actions, scratch, Self.scratchDescriptor)

    // A group of its own: who interrupts the parent at the terminal does not interrupt the case.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

    var process: pid_t = 0
    let code = unsafe withCStrings([executable] + arguments) { arguments in
      unsafe withCStrings(Self.environment()) { environment in
        unsafe posix_spawn(&process, executable, &actions, &attributes, arguments, environment)
      }
    }
    _ = Glibc.close(ends[1])
    guard code == 0 else {
      for descriptor in [ends[0], scratch, complaints] { _ = Glibc.close(descriptor) }
      throw WorkerError(step: "start \(executable)", errno: code)
    }
    self.process = process
    self.scratch = scratch
    self.complaints = complaints
    channel = ends[0]
  }

  deinit {
    if death == nil { kill(process, SIGKILL) }
    _ = reap()
    for descriptor in [channel, scratch, complaints] { _ = Glibc.close(descriptor) }
  }

  /// Whether the worker can be asked again.
  public var isAlive: Bool { death == nil }

  /// What the worker has appended to the scratch file since the last request.
  public var recorded: [UInt8] { Self.contents(of: scratch) }

  /// The last lines that the worker wrote to its standard error since the last request.
  public var complaint: String {
    let text = String(decoding: Self.contents(of: complaints).suffix(4096), as: UTF8.self)
    return text.split(separator: "\n").suffix(3).joined(separator: " | ")
  }

  /// Asks the worker for one thing and waits for its answer; a worker that does not answer in time is killed.
  ///
  /// The time begins anew when the worker says that it has prepared itself (``ready``).
  ///
  /// - Parameters:
  ///   - request: One line, without its end.
  ///   - seconds: How long to wait.
  /// - Returns: The answer, or how the worker ended; it is not alive after anything but an answer.
  public func ask(_ request: String, within seconds: Double) -> Reply {
    if let death { return .died(death) }
    ftruncate(scratch, 0)
    ftruncate(complaints, 0)
    guard send(Array(request.utf8) + [UInt8(ascii: "\n")]) else { return .died(reap()) }
    var deadline = Self.now() + seconds
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let answer = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        guard answer == Self.ready else { return .answered(answer) }
        deadline = Self.now() + seconds
        continue
      }
      let left = deadline - Self.now()
      guard left > 0, buffer.count < Self.longestAnswer else {
        kill(process, SIGKILL)
        _ = reap()
        return .silent
      }
      var waiting = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&waiting, 1, Int32(min(left * 1000 + 1, 1_000_000))) > 0 else { continue }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe recv(channel, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        buffer += chunk[..<count]
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        return .died(reap())
      }
    }
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(channel, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private func reap() -> Death {
    if let death { return death }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let death = signal != 0 ? Death.signal(signal) : .exit((status >> 8) & 0xFF)
    self.death = death
    return death
  }

  /// A file that no folder lists, to which everything is appended.
  private static func makeNamelessFile() throws(WorkerError) -> Int32 {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var path = Array("\(folder)/skein-XXXXXX".utf8CString)
    let file = unsafe mkstemp(&path)
    guard file >= 0 else { throw WorkerError(step: "make a file in \(folder)", errno: errno) }
    unsafe unlink(path)
    _ = fcntl(file, F_SETFL, O_APPEND)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    return file
  }

  private static func contents(of file: Int32) -> [UInt8] {
    let size = Int(lseek(file, 0, SEEK_END))
    guard size > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: min(size, longestAnswer))
    let count = unsafe pread(file, &bytes, bytes.count, off_t(size - bytes.count))
    return Array(bytes.prefix(max(0, count)))
  }

  private static func now() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The variables that a worker needs; the crash reporter is off, because it would hold the result up for seconds.
  private static func environment() -> [String] {
    let kept = ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"]
    return kept.compactMap { name in unsafe getenv(name).map { unsafe "\(name)=\(String(cString: $0))" } }
      + ["SWIFT_BACKTRACE=enable=no"]
  }
}

/// Why a worker could not be started.
public struct WorkerError: Error, Sendable, CustomStringConvertible {
  /// What was being done.
  public let step: String
  /// The system's error number.
  public let errno: Int32

  /// One line.
  public var description: String { unsafe "worker: \(step): \(String(cString: strerror(errno)))" }
}

/// Calls a body with a null-terminated array of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = unsafe strings.map { unsafe strdup($0) }
  defer { unsafe copies.forEach { unsafe free($0) } }
  return unsafe body(copies + [nil])
}
