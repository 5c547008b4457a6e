import CPcap
import Glibc

/// Reads a capture file through libpcap: pcap of either byte order and of micro- or nanoseconds, and pcapng.
///
/// Foreign files are expected. What one makes the reader do is bounded: a packet has at most
/// ``CaptureLimits/packetLength`` bytes, a block of pcapng at most libpcap's 16 MiB, and packets are handed out one at a
/// time in libpcap's own buffer. A pcapng file that describes interface after interface takes memory in proportion to
/// its size, as libpcap keeps each.
@safe public struct CaptureReader: ~Copyable {
  /// What the packets begin with.
  public let linkType: CaptureLinkType
  /// How many bytes of a packet were captured at most, as the file's header says.
  public let snapshotLength: Int
  /// The file, as it was named to the reader.
  public let name: String
  /// How many packets have been read.
  public private(set) var count = 0

  private enum State {
    case reading
    case ended
    case failed(CaptureError)
  }

  // Closed in `deinit` alone, so that it is open as long as there is a reader.
  private let handle: OpaquePointer
  // What the handle's stream reads into, so it is given back after that is closed: members go after `deinit`.
  private let buffer: StreamBuffer
  private let isClassic: Bool
  private var state = State.reading

  /// Opens a file.
  ///
  /// - Parameter path: The file; `-` is a file of that name.
  /// - Throws: ``CaptureError`` when the file cannot be opened, is no capture, or ends inside its header.
  public init(path: String) throws(CaptureError) {
    try CaptureError.checkNoZero(path, .unreadable)
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(.unreadable, path) }
    try self.init(descriptor: descriptor, name: path)
  }

  /// Reads an open file, from where it stands.
  ///
  /// - Parameters:
  ///   - descriptor: The file, or a pipe. It is the reader's from now on, and closed with it, or when this throws.
  ///   - name: What errors call it.
  /// - Throws: ``CaptureError`` when what is there is no capture, or ends inside its header.
  public init(descriptor: Int32, name: String) throws(CaptureError) {
    guard let file = unsafe fdopen(descriptor, "rb") else {
      let error = CaptureError.system(.unreadable, name)
      close(descriptor)
      throw error
    }
    let buffer = unsafe StreamBuffer(of: file)
    // Nobody else knows the stream, and libpcap reads twice a packet: a lock each time takes longer than the rest.
    unsafe __fsetlocking(file, Int32(FSETLOCKING_BYCALLER))
    var complaint = ComplaintBuffer()
    let precision = UInt32(PCAP_TSTAMP_PRECISION_NANO)
    guard let opened = unsafe pcap_fopen_offline_with_tstamp_precision(file, precision, &complaint.bytes) else {
      unsafe fclose(file)
      throw Self.failure(complaint.text, of: name, after: 0, else: .notACapture)
    }
    let linkType = unsafe CaptureLinkType(number: pcap_datalink(opened))
    guard !linkType.hasHugePackets else {
      unsafe pcap_close(opened)
      throw CaptureError(.linkType, name, "packets of link type \(linkType) may have many megabytes")
    }
    self.linkType = linkType
    snapshotLength = unsafe Int(pcap_snapshot(opened))
    // libpcap's versions: 2.4 for pcap, 1.0 for pcapng.
    isClassic = unsafe pcap_major_version(opened) >= 2
    self.name = name
    self.buffer = buffer
    unsafe handle = opened
  }

  deinit { unsafe pcap_close(handle) }

  /// The next packet.
  ///
  /// A file that ends inside a packet gives all whole packets first, then the error; it is thrown again from then on.
  ///
  /// - Returns: The packet, in memory that is valid until the next is read; `nil` at the end.
  /// - Throws: ``CaptureError`` with the code `truncated`, `malformed` or `unreadable`.
  @_lifetime(&self)
  public mutating func next() throws(CaptureError) -> CaptureRecord? {
    switch state {
    case .reading: break
    case .ended: return nil
    case .failed(let error): throw error
    }
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    let result = unsafe pcap_next_ex(handle, &header, &data)
    if result == PCAP_ERROR_BREAK {
      state = .ended
      return nil
    }
    guard result == 1, let header = unsafe header, let data = unsafe data else {
      throw fail(Self.failure(unsafe String(cString: pcap_geterr(handle)), of: name, after: count, else: .malformed))
    }
    let length = unsafe Int(header.pointee.caplen)
    guard length <= CaptureLimits.packetLength else {
      let detail = "a packet of \(length) bytes, where \(CaptureLimits.packetLength) are the limit"
      throw fail(CaptureError(.malformed, name, packets: count, detail))
    }
    count += 1
    // libpcap's buffer has `caplen` bytes there and keeps them until it is asked for the next packet, or closed: both
    // take exclusive access to the reader, which the span's lifetime forbids.
    let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: length)
    let stamp = unsafe stamp(header.pointee.ts)
    let record = unsafe CaptureRecord(stamp: stamp, originalLength: Int(header.pointee.len), bytes: bytes)
    return unsafe _overrideLifetime(record, mutating: &self)
  }

  /// Remembers a failure, to be thrown again.
  private mutating func fail(_ error: CaptureError) -> CaptureError {
    state = .failed(error)
    return error
  }

  /// A packet's stamp, which can be anything in a foreign file.
  private func stamp(_ time: timeval) -> CaptureStamp {
    // The file has 32 bits without a sign, which libpcap reads with one.
    let seconds = isClassic ? Int64(UInt32(truncatingIfNeeded: time.tv_sec)) : Int64(time.tv_sec)
    return CaptureStamp(seconds: seconds, nanoseconds: Int64(time.tv_usec))
  }

  /// libpcap's complaint as an error; its kind is told by the words alone.
  private static func failure(
    _ complaint: String, of name: String, after count: Int, else code: CaptureError.Code
  ) -> CaptureError {
    let kind: CaptureError.Code =
      if complaint.hasPrefix("truncated") {
        .truncated
      } else if complaint.hasPrefix("error reading") {
        .unreadable
      } else {
        code
      }
    return CaptureError(kind, name, packets: count, complaint)
  }
}
