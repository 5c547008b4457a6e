import CPcap
import Reactor

/// Captures the packets of an interface, on a reactor or by hand, through libpcap.
///
/// Capturing takes the privilege to open packet sockets (`CAP_NET_RAW`). Give it to ``Reactor/Reactor/addReader(_:)``, or
/// call ``doRead()``, which never waits.
@safe public final class LiveCapture: ReadDescriptor {
  /// Sees a packet, in memory that is libpcap's until the handler returns.
  public typealias Handler = (_ record: borrowing CaptureRecord) throws -> Void

  /// What libpcap has counted.
  public struct Statistics: Hashable, Sendable {
    /// Packets that passed the filter, whether or not they have been read.
    public var received: Int
    /// Packets that were lost because the buffer was full.
    public var dropped: Int
  }

  /// The interface.
  public let interface: String
  /// What its packets begin with.
  public let linkType: CaptureLinkType
  /// The most packets that one ``doRead()`` hands out, so that one interface does not keep the reactor to itself.
  public static let packetsPerRead = 256

  // Nothing once it is closed. Used by one thread, the reactor's.
  private var handle: OpaquePointer?
  // Whether the handler has a packet, which is libpcap's memory: nothing else is asked of libpcap meanwhile.
  private var isHandingOut = false
  // What the handler closed, to be closed when it has returned.
  private var closing: OpaquePointer?
  private let handler: Handler

  /// Opens an interface.
  ///
  /// - Parameters:
  ///   - interface: The interface's name, or `any` for all of them.
  ///   - filter: An expression of tcpdump's; what does not pass is not captured.
  ///   - snapshotLength: How many bytes of a packet are captured at most: 1 to ``CaptureLimits/packetLength``.
  ///   - bufferSize: The memory in bytes for packets that have not been read, the system's and locked. Each packet takes
  ///     as much of it as the longest would, so a small `snapshotLength` makes room for more.
  ///   - isPromiscuous: Whether packets for other hosts are captured too.
  ///   - handler: Sees each packet.
  /// - Throws: ``CaptureError`` when there is no such interface, the process may not capture, or the expression is wrong.
  public init(
    interface: String, filter: String = "", snapshotLength: Int = CaptureLimits.packetLength,
    bufferSize: Int = 16 << 20, isPromiscuous: Bool = false, handler: @escaping Handler
  ) throws(CaptureError) {
    try CaptureError.checkNoZero(interface, .noDevice)
    var complaint = ComplaintBuffer()
    guard let created = unsafe pcap_create(interface, &complaint.bytes) else {
      throw CaptureError(.device, interface, complaint.text)
    }
    do throws(CaptureError) {
      let length = min(max(snapshotLength, 1), CaptureLimits.packetLength)
      unsafe pcap_set_buffer_size(created, Int32(clamping: max(bufferSize, 1)))
      linkType = try unsafe Self.activate(created, interface, snapshotLength: length, isPromiscuous: isPromiscuous)
      if !filter.isEmpty { try unsafe Self.install(filter, on: created, interface, linkType) }
    } catch {
      unsafe pcap_close(created)
      throw error
    }
    self.interface = interface
    self.handler = handler
    unsafe handle = created
  }

  deinit {
    if let handle = unsafe handle { unsafe pcap_close(handle) }
  }

  /// The descriptor to poll.
  ///
  /// - Returns: The number, or -1 once it is closed.
  public func fileno() -> Int32 {
    guard let handle = unsafe handle else { return -1 }
    return unsafe pcap_get_selectable_fd(handle)
  }

  /// Hands out the packets that are there, up to ``packetsPerRead``; none inside the handler.
  ///
  /// - Returns: A ``CaptureError`` when the interface is gone, or nothing.
  /// - Throws: What the handler throws; the packets behind that one wait for the next call.
  public func doRead() throws -> (any Error)? {
    for _ in 0..<Self.packetsPerRead {
      // The handler may close it, and may come back here.
      guard let handle = unsafe handle, !isHandingOut else { return nil }
      var header: UnsafeMutablePointer<pcap_pkthdr>?
      var data: UnsafePointer<UInt8>?
      switch unsafe pcap_next_ex(handle, &header, &data) {
      case 0: return nil
      case 1:
        guard let header = unsafe header?.pointee, let data = unsafe data else { return nil }
        try unsafe hand(out: header, data)
      default: return CaptureError(.device, interface, unsafe String(cString: pcap_geterr(handle)))
      }
    }
    return nil
  }

  /// Closes it: the reactor polls it no more.
  ///
  /// - Parameter reason: Why.
  public func connectionLost(_ reason: any Error) { close() }

  /// Closes it; take it from the reactor first.
  public func close() {
    guard let handle = unsafe handle else { return }
    unsafe self.handle = nil
    if isHandingOut { unsafe closing = handle } else { unsafe pcap_close(handle) }
  }

  private func hand(out header: pcap_pkthdr, _ data: UnsafePointer<UInt8>) throws {
    isHandingOut = true
    defer {
      isHandingOut = false
      if let closing = unsafe closing {
        unsafe pcap_close(closing)
        unsafe self.closing = nil
      }
    }
    // libpcap keeps `caplen` bytes there until it is asked for the next packet, or closed: neither happens before the
    // handler returns.
    let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: Int(header.caplen))
    let stamp = CaptureStamp(seconds: Int64(header.ts.tv_sec), nanoseconds: Int64(header.ts.tv_usec))
    try handler(CaptureRecord(stamp: stamp, originalLength: Int(header.len), bytes: bytes))
  }

  /// Sends a packet on the interface, as it is.
  ///
  /// - Parameter packet: The packet, from its link layer on.
  /// - Throws: ``CaptureError`` when the interface does not take it.
  public func inject(_ packet: RawSpan) throws(CaptureError) {
    guard let handle = unsafe handle else { throw CaptureError(.device, interface, "it is closed") }
    let count = unsafe packet.withUnsafeBytes { unsafe pcap_inject(handle, $0.baseAddress, $0.count) }
    guard count == packet.byteCount else {
      throw CaptureError(.device, interface, unsafe String(cString: pcap_geterr(handle)))
    }
  }

  /// What has been counted since it was opened.
  ///
  /// - Returns: The counts.
  /// - Throws: ``CaptureError`` when it is closed, or the system does not tell.
  public func statistics() throws(CaptureError) -> Statistics {
    guard let handle = unsafe handle else { throw CaptureError(.device, interface, "it is closed") }
    var counts = pcap_stat()
    guard unsafe pcap_stats(handle, &counts) == 0 else {
      throw CaptureError(.device, interface, unsafe String(cString: pcap_geterr(handle)))
    }
    return Statistics(received: Int(counts.ps_recv), dropped: Int(counts.ps_drop))
  }
}

extension LiveCapture {
  /// Sets a new handle up: packets as they come, with nanoseconds where the system has them, without ever waiting.
  private static func activate(
    _ handle: OpaquePointer, _ interface: String, snapshotLength: Int, isPromiscuous: Bool
  ) throws(CaptureError) -> CaptureLinkType {
    unsafe pcap_set_snaplen(handle, Int32(snapshotLength))
    unsafe pcap_set_promisc(handle, isPromiscuous ? 1 : 0)
    unsafe pcap_set_immediate_mode(handle, 1)
    guard unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO) == 0 else {
      throw CaptureError(.device, interface, "there are no nanoseconds")
    }
    let status = unsafe pcap_activate(handle)
    guard status >= 0 else {
      let code: CaptureError.Code =
        switch status {
        case PCAP_ERROR_NO_SUCH_DEVICE: .noDevice
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: .notPermitted
        default: .device
        }
      let detail = unsafe String(cString: pcap_geterr(handle))
      throw CaptureError(code, interface, detail.isEmpty ? unsafe String(cString: pcap_statustostr(status)) : detail)
    }
    var complaint = ComplaintBuffer()
    guard unsafe pcap_setnonblock(handle, 1, &complaint.bytes) == 0 else {
      throw CaptureError(.device, interface, complaint.text)
    }
    return unsafe CaptureLinkType(number: pcap_datalink(handle))
  }

  private static func install(
    _ expression: String, on handle: OpaquePointer, _ interface: String, _ linkType: CaptureLinkType
  ) throws(CaptureError) {
    let filter = try CaptureFilter(expression, linkType: linkType)
    guard unsafe filter.withProgram({ unsafe pcap_setfilter(handle, $0) }) == 0 else {
      throw CaptureError(.filter, expression, unsafe String(cString: pcap_geterr(handle)))
    }
  }
}
