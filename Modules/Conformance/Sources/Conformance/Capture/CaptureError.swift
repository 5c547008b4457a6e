import CPcap
import Glibc

/// Why a capture cannot be read, written, filtered or made: what it is about, and what was found.
public struct CaptureError: Error, Hashable, Sendable {
  /// The kinds of failure, by short names.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// The file cannot be opened or read.
    case unreadable
    /// The file is no capture.
    case notACapture = "not-a-capture"
    /// The file ends inside a header or a packet.
    case truncated
    /// A header or a packet breaks the rules of the file's format.
    case malformed
    /// The file's link type has packets too large to be read here.
    case linkType = "link-type"
    /// The file cannot be made, written or closed.
    case unwritable
    /// A time is outside what the file format can hold.
    case time
    /// A filter expression cannot be compiled.
    case filter
    /// There is no such interface.
    case noDevice = "no-device"
    /// Capturing takes a privilege that the process does not have.
    case notPermitted = "not-permitted"
    /// The interface refused, or went away.
    case device
  }

  /// Which kind of failure.
  public var code: Code
  /// The file, the filter expression or the interface.
  public var subject: String
  /// How many packets went well before it; 0 where that means nothing.
  public var packets: Int
  /// What was found, in libpcap's or the system's words.
  public var detail: String

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - code: Which kind of failure.
  ///   - subject: The file, the filter expression or the interface.
  ///   - packets: How many packets went well before it.
  ///   - detail: What was found.
  public init(_ code: Code, _ subject: String, packets: Int = 0, _ detail: String) {
    self.code = code
    self.subject = subject
    self.packets = packets
    self.detail = detail
  }
}

extension CaptureError: CustomStringConvertible {
  /// One line: `subject: after N packets: detail [code]`.
  public var description: String {
    let place = packets > 0 ? "after \(packets) packet\(packets == 1 ? "" : "s"): " : ""
    return "\(subject): \(place)\(detail) [\(code.rawValue)]"
  }
}

extension CaptureError {
  /// The failure of a system call, from `errno` as it is now.
  static func system(_ code: Code, _ subject: String, packets: Int = 0) -> CaptureError {
    let number = errno
    return CaptureError(code, subject, packets: packets, unsafe String(cString: strerror(number)))
  }

  /// Refuses text that C would cut at a zero byte.
  static func checkNoZero(_ text: String, _ code: Code) throws(CaptureError) {
    if text.utf8.contains(0) { throw CaptureError(code, text, "a zero byte is in the name or expression") }
  }
}

/// The memory in which a function of libpcap leaves its complaint.
struct ComplaintBuffer {
  /// Where it is written to.
  var bytes = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))

  /// The complaint; empty when there is none.
  var text: String {
    String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
