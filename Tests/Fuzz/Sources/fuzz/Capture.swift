import CFuzzer
import Conformance
import Glibc
import Pair

/// Reads a capture file, decodes its packets, and copies it: the copy reads the same.
func fuzzCapture(_ bytes: RawSpan) {
  let copy = file(containing: [])
  defer { close(copy) }
  guard let original = records(of: file(containing: bytes.copy), linkType: nil) else { return }
  // A file can name link types that libpcap reads and does not write.
  guard var writer = try? CaptureWriter(descriptor: dup(copy), name: "copy", linkType: original.linkType)
  else { return }
  do throws(CaptureError) {
    for record in original.records {
      try unsafe writer.write(record.bytes.span.bytes, at: record.time, originalLength: record.originalLength)
    }
    try writer.close()
  } catch {
    // Times before 1970 or after 2106 are the one thing that a pcapng file can have and a pcap file cannot.
    check(error.code == .time, "a packet that was read cannot be written: \(error)")
    return
  }
  lseek(copy, 0, SEEK_SET)
  guard let again = records(of: dup(copy), linkType: original.linkType) else { fatalError("a copy is no capture") }
  check(again.isWhole && again.records == original.records, "a copy differs")
}

private struct Record: Equatable {
  var time: Duration
  var originalLength: Int
  var bytes: [UInt8]
}

/// The records up to the end or to what is wrong, and whether it was the end.
private func records(
  of descriptor: Int32, linkType: CaptureLinkType?
) -> (linkType: CaptureLinkType, records: [Record], isWhole: Bool)? {
  guard var reader = try? CaptureReader(descriptor: descriptor, name: "input") else { return nil }
  if let linkType { check(reader.linkType == linkType, "a copy has another link type") }
  let start: PacketDecoder.Start = reader.linkType == .ethernet ? .ethernet : .ip
  var found: [Record] = []
  do throws(CaptureError) {
    while let record = try reader.next() {
      use(PacketDecoder(start: start).decode(record.bytes).failure)
      check(record.bytes.byteCount <= CaptureLimits.packetLength, "a packet beyond the limit")
      found.append(
        Record(
          time: record.time, originalLength: max(record.originalLength, record.bytes.byteCount),
          bytes: record.bytes.copy))
    }
  } catch {
    use(error.description)
    return (reader.linkType, found, false)
  }
  return (reader.linkType, found, true)
}

/// A file without a name, to be read from its start.
private func file(containing bytes: [UInt8]) -> Int32 {
  let descriptor = unsafe memfd_create("capture", 0)
  check(descriptor >= 0, "no file in memory")
  unsafe bytes.withUnsafeBytes { unsafe check(write(descriptor, $0.baseAddress, $0.count) == $0.count, "no room") }
  lseek(descriptor, 0, SEEK_SET)
  return descriptor
}
