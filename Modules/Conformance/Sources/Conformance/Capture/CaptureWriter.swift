import CPcap
import Glibc

/// Writes a capture file through libpcap: pcap with nanoseconds, in the machine's byte order.
///
/// What is written is buffered; ``flush()`` and ``close()`` tell whether it reached the file. A writer that is dropped
/// without ``close()`` closes the file and tells nothing.
@safe public struct CaptureWriter: ~Copyable {
  /// What the packets begin with.
  public let linkType: CaptureLinkType
  /// How many bytes of a packet are written at most.
  public let snapshotLength: Int
  /// The file, as it was named to the writer.
  public let name: String
  /// How many packets have been written.
  public private(set) var count = 0

  // Nothing once it is closed.
  private var dumper: OpaquePointer?
  // What the dumper's stream writes from, so it is given back after that is closed: members go after `deinit`.
  private let buffer: StreamBuffer
  private var failure: CaptureError?
  private var clock = Clock()

  /// Makes a file, or empties one.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is a file of that name.
  ///   - linkType: What the packets begin with.
  ///   - snapshotLength: How many bytes of a packet are written at most: 1 to ``CaptureLimits/packetLength``.
  /// - Throws: ``CaptureError`` when the file cannot be made, or the link type has no number in files.
  public init(
    path: String, linkType: CaptureLinkType, snapshotLength: Int = CaptureLimits.packetLength
  ) throws(CaptureError) {
    try CaptureError.checkNoZero(path, .unwritable)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(.unwritable, path) }
    try self.init(descriptor: descriptor, name: path, linkType: linkType, snapshotLength: snapshotLength)
  }

  /// Writes to an open file, from where it stands.
  ///
  /// - Parameters:
  ///   - descriptor: The file, or a pipe. It is the writer's from now on, and closed with it, or when this throws.
  ///   - name: What errors call it.
  ///   - linkType: What the packets begin with.
  ///   - snapshotLength: How many bytes of a packet are written at most: 1 to ``CaptureLimits/packetLength``.
  /// - Throws: ``CaptureError`` when the file cannot be written, or the link type has no number in files.
  public init(
    descriptor: Int32, name: String, linkType: CaptureLinkType, snapshotLength: Int = CaptureLimits.packetLength
  ) throws(CaptureError) {
    guard let file = unsafe fdopen(descriptor, "wb") else {
      let error = CaptureError.system(.unwritable, name)
      Glibc.close(descriptor)
      throw error
    }
    let buffer = unsafe StreamBuffer(of: file)
    let length = min(max(snapshotLength, 1), CaptureLimits.packetLength)
    let precision = UInt32(PCAP_TSTAMP_PRECISION_NANO)
    guard
      let dead = unsafe pcap_open_dead_with_tstamp_precision(linkType.number, Int32(length), precision)
    else {
      unsafe fclose(file)
      throw CaptureError(.unwritable, name, "no memory for libpcap's handle")
    }
    // The dumper keeps nothing of the handle, which only says what stands in the file's header.
    defer { unsafe pcap_close(dead) }
    guard let dumper = unsafe pcap_dump_fopen(dead, file) else {
      let complaint = unsafe String(cString: pcap_geterr(dead))
      unsafe fclose(file)
      throw CaptureError(.unwritable, name, complaint)
    }
    self.linkType = linkType
    self.snapshotLength = length
    self.name = name
    self.buffer = buffer
    unsafe self.dumper = dumper
  }

  deinit {
    if let dumper = unsafe dumper { unsafe pcap_dump_close(dumper) }
  }

  /// Writes a packet; what is longer than ``snapshotLength`` is cut, and its true length stands beside it.
  ///
  /// - Parameters:
  ///   - bytes: The packet, from its link layer on.
  ///   - time: The time, since 1970-01-01 00:00 UTC, before 2106-02-07; parts of a nanosecond are dropped.
  ///   - originalLength: The packet's length in bytes where `bytes` are cut already.
  /// - Throws: ``CaptureError`` when the time does not fit, or when the file cannot be written, now or before.
  public mutating func write(
    _ bytes: RawSpan, at time: Duration, originalLength: Int? = nil
  ) throws(CaptureError) {
    if let failure { throw failure }
    guard let dumper = unsafe dumper else { return }
    guard let stamp = clock.stamp(of: time) else {
      throw CaptureError(.time, name, packets: count, "\(time) is not between 1970 and 2106")
    }
    var header = pcap_pkthdr()
    header.ts.tv_sec = stamp.seconds
    header.ts.tv_usec = stamp.nanoseconds
    header.caplen = UInt32(min(bytes.byteCount, snapshotLength))
    header.len = UInt32(clamping: max(originalLength ?? 0, bytes.byteCount))
    // libpcap takes its dumper where a callback has its user data.
    unsafe bytes.withUnsafeBytes { source in
      var nothing: UInt8 = 0
      if let base = source.baseAddress {
        unsafe pcap_dump(UnsafeMutablePointer(dumper), &header, base.assumingMemoryBound(to: UInt8.self))
      } else {
        unsafe pcap_dump(UnsafeMutablePointer(dumper), &header, &nothing)
      }
    }
    // libpcap does not tell; the stream does.
    guard unsafe ferror(pcap_dump_file(dumper)) == 0 else { throw fail(.system(.unwritable, name, packets: count)) }
    count += 1
  }

  /// Writes what is buffered.
  ///
  /// - Throws: ``CaptureError`` when the file cannot be written, now or before.
  public mutating func flush() throws(CaptureError) {
    if let failure { throw failure }
    guard let dumper = unsafe dumper else { return }
    guard unsafe pcap_dump_flush(dumper) == 0 else { throw fail(.system(.unwritable, name, packets: count)) }
  }

  /// Writes what is buffered and closes the file; it is closed also when this throws.
  ///
  /// - Throws: ``CaptureError`` when not all has reached the file, now or before.
  public consuming func close() throws(CaptureError) {
    try flush()
    guard let dumper = unsafe dumper else { return }
    // libpcap closes and does not tell. What a file system says only at a close, it says at that of a duplicate too.
    let duplicate = unsafe dup(fileno(pcap_dump_file(dumper)))
    guard duplicate < 0 || Glibc.close(duplicate) == 0 else {
      throw fail(.system(.unwritable, name, packets: count))
    }
    unsafe self.dumper = nil
    unsafe pcap_dump_close(dumper)
  }

  private mutating func fail(_ error: CaptureError) -> CaptureError {
    failure = error
    return error
  }
}

/// Takes times apart into what a packet's header has.
///
/// Most packets come in the same second as the one before, so that a division of 128 bits is seldom needed.
private struct Clock {
  private var second = Duration.zero
  private var next = Duration.zero
  private var count = 0

  /// The stamp of a time; `nil` when 32 bits do not hold its seconds.
  mutating func stamp(of time: Duration) -> (seconds: Int, nanoseconds: Int)? {
    if time < second || time >= next {
      let (seconds, attoseconds) = time.components
      guard attoseconds >= 0, let whole = UInt32(exactly: seconds) else { return nil }
      count = Int(whole)
      (second, next) = (.seconds(whole), .seconds(whole) + .seconds(1))
    }
    // Less than a second has fewer attoseconds than 64 bits hold.
    return (count, Int(UInt64(truncatingIfNeeded: (time - second).attoseconds) / 1_000_000_000))
  }
}
