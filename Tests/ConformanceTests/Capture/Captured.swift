import Conformance
import Foundation
import Testing

/// A packet of a capture, copied.
struct Captured: Equatable {
  var time: Duration
  var originalLength: Int
  var bytes: [UInt8]

  init(time: Duration, originalLength: Int? = nil, bytes: [UInt8]) {
    self.time = time
    self.originalLength = originalLength ?? bytes.count
    self.bytes = bytes
  }

  init(_ record: borrowing CaptureRecord) {
    self.init(
      time: record.time, originalLength: record.originalLength, bytes: record.bytes.withUnsafeBytes { Array($0) })
  }
}

/// Captures to read: those in the fixtures were written by scapy, others are written here, byte by byte.
enum Captures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/capture").path

  /// The frame that the fixtures begin with: `hello` over UDP, from 172.16.2.2:50000 to 172.16.2.1:12345.
  static let hello: [UInt8] = [
    0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00,
    0x45, 0x00, 0x00, 0x21, 0x00, 0x07, 0x00, 0x00, 0x40, 0x11, 0x1E, 0xA2, 0xAC, 0x10, 0x02, 0x02, 0xAC, 0x10, 0x02,
    0x01, 0xC3, 0x50, 0x30, 0x39, 0x00, 0x0D, 0x6C, 0x54, 0x68, 0x65, 0x6C, 0x6C, 0x6F,
  ]

  /// Little-endian words of 32 bits.
  static func words(_ words: UInt32...) -> [UInt8] {
    words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }

  /// The header of a file of Ethernet frames with microseconds.
  static func header(snapshotLength: UInt32 = 65_535, linkType: UInt32 = 1) -> [UInt8] {
    words(0xA1B2_C3D4, 0x0004_0002, 0, 0, snapshotLength, linkType)
  }

  /// Every packet of a file, and how it ends.
  static func read(path: String) -> (packets: [Captured], error: CaptureError?) {
    var packets: [Captured] = []
    do throws(CaptureError) {
      var reader = try CaptureReader(path: path)
      while let record = try reader.next() { packets.append(Captured(record)) }
      return (packets, nil)
    } catch {
      return (packets, error)
    }
  }

  /// Every packet of a file with these bytes, and how it ends.
  static func read(_ bytes: [UInt8]) throws -> (packets: [Captured], error: CaptureError?) {
    try withPath { path in
      try Data(bytes).write(to: URL(filePath: path))
      return read(path: path)
    }
  }

  /// A path for a file, removed afterwards.
  static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "skein-\(UUID().uuidString).pcap").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
