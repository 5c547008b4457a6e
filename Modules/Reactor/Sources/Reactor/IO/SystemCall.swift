import Glibc

/// The one place that knows EINTR, and that reads `errno`: in the very next expression after the call.
enum SystemCall {
  /// Makes a call until it is not interrupted.
  ///
  /// - Parameter call: The call; -1 says that it failed and that `errno` tells why.
  /// - Returns: What the call returned, or its error, which is never EINTR.
  @inline(__always)
  static func result<Value: SignedInteger & FixedWidthInteger>(_ call: () -> Value) -> Result<Value, Errno> {
    while true {
      let value = call()
      if value != -1 { return .success(value) }
      let error = errno
      if error != EINTR { return .failure(Errno(rawValue: error)) }
    }
  }

  /// Makes a call that does what it can.
  ///
  /// - Parameter call: The call.
  /// - Returns: What it returned; EAGAIN is `wouldBlock`.
  @inline(__always)
  static func attempt<Value: SignedInteger & FixedWidthInteger>(_ call: () -> Value) -> IOResult<Value> {
    switch result(call) {
    case .success(let value): .done(value)
    case .failure(.wouldBlock): .wouldBlock
    case .failure(let errno): .failed(errno)
    }
  }

  /// Makes a call that must succeed.
  ///
  /// - Parameter call: The call.
  /// - Returns: What it returned.
  /// - Throws: Its error.
  @discardableResult
  @inline(__always)
  static func value<Value: SignedInteger & FixedWidthInteger>(_ call: () -> Value) throws(Errno) -> Value {
    try result(call).get()
  }

  /// Makes a call once: a second `close` after EINTR could close what another thread has just opened.
  ///
  /// - Parameter call: The call.
  /// - Throws: Its error, except EINTR.
  @inline(__always)
  static func once(_ call: () -> Int32) throws(Errno) {
    guard call() == -1 else { return }
    let error = errno
    if error != EINTR { throw Errno(rawValue: error) }
  }
}
