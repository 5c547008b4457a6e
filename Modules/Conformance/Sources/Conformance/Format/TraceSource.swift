import Glibc

/// Where a reader's bytes come from, a line at a time.
struct TraceSource: ~Copyable {
  private let descriptor: Int32
  private var buffer: [UInt8]
  private var start = 0
  private var isAtEnd: Bool
  private let path: String

  private static let chunk = 1 << 16

  /// Opens a file.
  init(path: String) throws(TraceError) {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("a file that can be read", path) }
    buffer = []
    isAtEnd = false
  }

  /// Bytes in memory.
  init(bytes: [UInt8]) {
    path = ""
    descriptor = -1
    buffer = bytes
    isAtEnd = true
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// The next line with its newline, or what is left at the end without one.
  ///
  /// - Parameter limit: How long a line may be, newline not counted. A longer one comes back cut at one byte more.
  /// - Returns: The line, empty at the end of the file.
  /// - Throws: `TraceError` with the code `unreadable` where the file cannot be read.
  mutating func line(limit: Int) throws(TraceError) -> [UInt8] {
    var searched = start
    while true {
      if let end = newline(from: searched), end - start <= limit {
        defer { start = end + 1 }
        return Array(buffer[start...end])
      }
      if buffer.count - start > limit {
        defer { start += limit + 1 }
        return Array(buffer[start..<(start + limit + 1)])
      }
      searched = buffer.count - start
      if start > 0 {
        buffer.removeSubrange(..<start)
        start = 0
      }
      guard !isAtEnd else {
        defer { start = buffer.count }
        return buffer
      }
      try fill()
    }
  }

  private func newline(from index: Int) -> Int? {
    unsafe buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, index < bytes.count else { return nil }
      // The search ends with the buffer.
      let found = unsafe memchr(base + index, 0x0A, bytes.count - index)
      return unsafe found.map { unsafe UnsafeRawPointer($0) - base }
    }
  }

  private mutating func fill() throws(TraceError) {
    while true {
      var count = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunk) { bytes, initialized in
        count = unsafe read(descriptor, bytes.baseAddress, Self.chunk)
        initialized = max(0, count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("a file that can be read", path)
      }
      buffer += bytes
      isAtEnd = count == 0
      return
    }
  }
}
