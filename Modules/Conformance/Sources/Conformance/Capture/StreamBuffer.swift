import Glibc

/// The memory that a C stream reads into or writes from: sixteen times what libc takes by itself, for as many fewer system calls.
@safe struct StreamBuffer: ~Copyable {
  /// Its size, in bytes.
  static let byteCount = 65_536

  private let memory: UnsafeMutablePointer<CChar>

  /// Gives a stream its buffer, before anything is read or written.
  ///
  /// The buffer has to outlive the stream.
  @unsafe init(of stream: UnsafeMutablePointer<FILE>) {
    unsafe memory = .allocate(capacity: Self.byteCount)
    unsafe setvbuf(stream, memory, _IOFBF, Self.byteCount)
  }

  deinit { unsafe memory.deallocate() }
}
