import CPcap

/// A filter of packets in the language of tcpdump, such as `udp and port 53`, compiled by libpcap.
///
/// libpcap's compiler may be called by several threads at once since its version 1.8. Names of hosts in an expression are
/// looked up when it is compiled, which can take as long as the system's resolver does.
@safe public struct CaptureFilter: ~Copyable {
  /// The longest expression that is compiled, in bytes of UTF-8: libpcap's compiler calls itself.
  public static let expressionLimit = 8_192
  // The longest expression that is optimised. What that takes grows with the cube of the length: 0.3 seconds here, half a
  // minute for 500 ports; without it, a quarter of that.
  private static let optimisedLimit = 1_024

  /// The expression; an empty one lets everything through.
  public let expression: String

  // libpcap's memory, freed in `deinit` alone and not changed in between.
  private let program: bpf_program

  /// Compiles an expression.
  ///
  /// - Parameters:
  ///   - expression: The expression, as in pcap-filter(7).
  ///   - linkType: What the packets begin with.
  /// - Throws: ``CaptureError`` with the code `filter`, which names the expression.
  public init(_ expression: String, linkType: CaptureLinkType) throws(CaptureError) {
    try CaptureError.checkNoZero(expression, .filter)
    guard expression.utf8.count <= Self.expressionLimit else {
      let found = "\(expression.utf8.count) bytes, where \(Self.expressionLimit) are the limit"
      throw CaptureError(.filter, "\(expression.prefix(40))…", found)
    }
    guard let dead = unsafe pcap_open_dead(linkType.number, Int32(CaptureLimits.packetLength)) else {
      throw CaptureError(.filter, expression, "no memory for libpcap's handle")
    }
    defer { unsafe pcap_close(dead) }
    var compiled = unsafe bpf_program()
    let optimises: Int32 = expression.utf8.count <= Self.optimisedLimit ? 1 : 0
    // The net mask is asked for by `ip broadcast` alone, and not known here: PCAP_NETMASK_UNKNOWN.
    guard unsafe pcap_compile(dead, &compiled, expression, optimises, .max) == 0 else {
      throw CaptureError(.filter, expression, unsafe String(cString: pcap_geterr(dead)))
    }
    self.expression = expression
    unsafe program = compiled
  }

  deinit {
    var program = unsafe program
    unsafe pcap_freecode(&program)
  }

  /// Whether a packet passes.
  ///
  /// - Parameters:
  ///   - bytes: The packet, from its link layer on.
  ///   - originalLength: The packet's length in bytes where `bytes` are cut.
  /// - Returns: Whether the expression holds; a packet too short for what it asks does not pass.
  public func matches(_ bytes: RawSpan, originalLength: Int? = nil) -> Bool {
    var program = unsafe program
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: bytes.byteCount)
    header.len = UInt32(clamping: max(originalLength ?? 0, bytes.byteCount))
    return unsafe bytes.withUnsafeBytes { source in
      var nothing: UInt8 = 0
      guard let base = source.baseAddress else {
        return unsafe pcap_offline_filter(&program, &header, &nothing) != 0
      }
      return unsafe pcap_offline_filter(&program, &header, base.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }

  /// Whether a packet of a capture passes.
  ///
  /// - Parameter record: The packet.
  /// - Returns: Whether the expression holds.
  public func matches(_ record: borrowing CaptureRecord) -> Bool {
    matches(record.bytes, originalLength: record.originalLength)
  }
}

extension CaptureFilter {
  /// Lends the compiled program, to be put before an interface.
  func withProgram<Result>(_ body: (UnsafeMutablePointer<bpf_program>) -> Result) -> Result {
    var program = unsafe program
    return unsafe body(&program)
  }
}
