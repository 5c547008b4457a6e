import Glibc

/// The process's standard error, written without a buffer.
enum StandardError {
  /// Writes a text; what the system does not take is dropped.
  ///
  /// - Parameter text: The text.
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { (bytes) in
      // The bytes live during the call.
      var rest = UnsafeRawBufferPointer(bytes)
      while unsafe !rest.isEmpty {
        let written = SystemCall.result { unsafe Glibc.write(STDERR_FILENO, rest.baseAddress, rest.count) }
        guard case .success(let count) = written, count > 0 else { return }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }
}
