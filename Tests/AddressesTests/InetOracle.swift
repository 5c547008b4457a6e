import Glibc

/// What the C library makes of the same texts and bytes.
enum InetOracle {
  /// The bytes that `inet_pton` reads, or nil where it refuses.
  static func bytes(_ family: Int32, _ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
    return inet_pton(family, text, &bytes) == 1 ? bytes : nil
  }

  /// The text that `inet_ntop` writes.
  static func text(_ family: Int32, _ bytes: [UInt8]) -> String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "inet_ntop failed" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// The bytes of a C structure.
func rawBytes<Value>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value) { Array($0) }
}
