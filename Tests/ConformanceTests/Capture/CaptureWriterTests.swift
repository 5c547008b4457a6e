import Conformance
import Foundation
import Testing

@Suite struct CaptureWriterTests {
  private func bytes(_ bytes: UInt8...) -> [UInt8] { bytes }

  private func failureOfClosing(_ writer: consuming CaptureWriter) -> CaptureError.Code? {
    do throws(CaptureError) {
      try writer.close()
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `the file has the bytes that the format says`() throws {
    try Captures.withPath { path in
      var writer = try CaptureWriter(path: path, linkType: .ip)
      try writer.write(bytes(0x45, 0x46).span.bytes, at: .seconds(1_700_000_000) + .nanoseconds(5))
      try writer.close()
      let expected =
        Captures.words(0xA1B2_3C4D, 0x0004_0002, 0, 0, 262_144, 101, 1_700_000_000, 5, 2, 2) + [0x45, 0x46]
      #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == expected)
    }
  }

  @Test(arguments: [CaptureLinkType.ethernet, .ip, .ipv4, .ipv6, .other(113)])
  func `what is written is read`(linkType: CaptureLinkType) throws {
    let packets = [
      Captured(time: .zero, bytes: []), Captured(time: .seconds(4_294_967_295) + .nanoseconds(999_999_999), bytes: [1]),
      Captured(time: .seconds(7), originalLength: 9_000, bytes: Array(repeating: 7, count: 1_500)),
    ]
    try Captures.withPath { path in
      var writer = try CaptureWriter(path: path, linkType: linkType)
      for packet in packets {
        try writer.write(packet.bytes.span.bytes, at: packet.time, originalLength: packet.originalLength)
      }
      try writer.close()
      #expect(Captures.read(path: path).packets == packets)
      let found = try CaptureReader(path: path).linkType
      #expect(found == linkType)
    }
  }

  @Test func `a longer packet is cut, with its true length`() throws {
    let long = [UInt8](repeating: 9, count: 300_000)
    for limit in [CaptureLimits.packetLength, 64] {
      try Captures.withPath { path in
        var writer = try CaptureWriter(path: path, linkType: .ethernet, snapshotLength: limit)
        try writer.write(long.span.bytes, at: .zero)
        try writer.close()
        let packets = Captures.read(path: path).packets
        #expect(packets == [Captured(time: .zero, originalLength: 300_000, bytes: Array(long[..<limit]))])
      }
    }
  }

  @Test(arguments: [Duration.nanoseconds(-1), .seconds(-5), .seconds(4_294_967_296), .seconds(Int64.max)])
  func `a time that the file cannot hold is refused, and nothing is written`(time: Duration) throws {
    try Captures.withPath { path in
      var writer = try CaptureWriter(path: path, linkType: .ethernet)
      let error = #expect(throws: CaptureError.self) { try writer.write(bytes(1).span.bytes, at: time) }
      #expect(error?.code == .time)
      try writer.write(bytes(2).span.bytes, at: .zero)
      try writer.close()
      #expect(Captures.read(path: path).packets.map(\.bytes) == [[2]])
    }
  }

  @Test func `what is flushed is in the file`() throws {
    try Captures.withPath { path in
      var writer = try CaptureWriter(path: path, linkType: .ethernet)
      try writer.write(bytes(1).span.bytes, at: .zero)
      try writer.flush()
      #expect(Captures.read(path: path).packets.count == 1)
      try writer.write(bytes(2).span.bytes, at: .zero)
      try writer.close()
      #expect(Captures.read(path: path).packets.count == 2)
    }
  }

  @Test func `a full disk is told by flush, by every call after it, and by close`() throws {
    var writer = try CaptureWriter(path: "/dev/full", linkType: .ethernet)
    try writer.write(bytes(1).span.bytes, at: .zero)
    for _ in 0..<2 {
      let error = #expect(throws: CaptureError.self) { try writer.flush() }
      #expect(error?.description == "/dev/full: after 1 packet: No space left on device [unwritable]")
    }
    #expect(throws: CaptureError.self) { try writer.write(bytes(1).span.bytes, at: .zero) }
    #expect(failureOfClosing(writer) == .unwritable)
  }

  @Test func `a full disk is told by close`() throws {
    let writer = try CaptureWriter(path: "/dev/full", linkType: .ethernet)
    #expect(failureOfClosing(writer) == .unwritable)
  }

  @Test func `a full disk is told by the write that fills the buffer`() throws {
    var writer = try CaptureWriter(path: "/dev/full", linkType: .ethernet)
    let large = [UInt8](repeating: 0, count: 65_536)
    #expect(throws: CaptureError.self) { for _ in 0..<4 { try writer.write(large.span.bytes, at: .zero) } }
  }

  @Test func `a place where no file can be made is told`() {
    for path in ["/no/such/folder/file.pcap", "/tmp", "a\0b"] {
      let error = #expect(throws: CaptureError.self) { _ = try CaptureWriter(path: path, linkType: .ethernet) }
      #expect(error?.code == .unwritable)
      #expect(error?.subject == path)
    }
  }

  @Test func `a link type without a number in files is refused`() throws {
    try Captures.withPath { path in
      let error = #expect(throws: CaptureError.self) { _ = try CaptureWriter(path: path, linkType: .other(-1)) }
      #expect(error?.code == .unwritable)
    }
  }
}
