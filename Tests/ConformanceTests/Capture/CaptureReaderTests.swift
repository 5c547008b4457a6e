import Conformance
import Foundation
import Reactor
import Testing

@Suite struct CaptureReaderTests {
  @Test(arguments: ["little-micro", "big-micro", "little-nano", "big-nano"])
  func `pcap of either byte order and precision is read`(name: String) throws {
    let (packets, error) = Captures.read(path: "\(Captures.folder)/\(name).pcap")
    #expect(error == nil)
    let unit: Duration = name.hasSuffix("nano") ? .nanoseconds(1) : .microseconds(1)
    let expected = (0..<5).map { .seconds(1_700_000_000 + $0) + .milliseconds(250) + unit * $0 }
    #expect(packets.map(\.time) == expected)
    #expect(packets.map(\.bytes.count) == [47, 65, 42, 58, 46])
    #expect(packets.map(\.originalLength) == [47, 65, 42, 58, 46])
    #expect(packets.first?.bytes == Captures.hello)
  }

  @Test func `pcapng is read`() {
    let (packets, error) = Captures.read(path: Captures.folder + "/scapy.pcapng")
    #expect(error == nil)
    #expect(packets.map(\.bytes.count) == [47, 65, 42, 58, 46])
    #expect(packets.last?.time == .seconds(1_700_000_004) + .milliseconds(250))
  }

  @Test(arguments: [
    ("little-nano.pcap", CaptureLinkType.ethernet, "EN10MB"), ("raw.pcap", .ip, "RAW"), ("ipv4.pcap", .ipv4, "IPV4"),
    ("ipv6.pcap", .ipv6, "IPV6"), ("cooked.pcap", .other(113), "LINUX_SLL"), ("scapy.pcapng", .ethernet, "EN10MB"),
  ])
  func `the link type is told, one without a case by its name`(file: String, type: CaptureLinkType, name: String) throws
  {
    let reader = try CaptureReader(path: "\(Captures.folder)/\(file)")
    let found = reader.linkType
    #expect(found == type)
    #expect(type.description == name)
    #expect(CaptureLinkType(number: type.number) == type)
  }

  @Test func `a link type that nobody knows has its number for a name`() {
    #expect(CaptureLinkType.other(9_999).description == "DLT 9999")
  }

  @Test func `a packet that was cut keeps its true length`() throws {
    let file = Captures.header() + Captures.words(1, 2, 3, 1_500) + [7, 8, 9]
    let (packets, error) = try Captures.read(file)
    #expect(error == nil)
    #expect(packets == [Captured(time: .seconds(1) + .microseconds(2), originalLength: 1_500, bytes: [7, 8, 9])])
  }

  @Test func `seconds have no sign`() throws {
    let (packets, _) = try Captures.read(Captures.header() + Captures.words(0xFFFF_FFF0, 0, 1, 1) + [7])
    #expect(packets.map(\.time) == [.seconds(4_294_967_280)])
  }

  @Test(arguments: ["little-micro.pcap", "big-nano.pcap", "scapy.pcapng"])
  func `a file cut anywhere gives its whole packets, then says that it is cut`(file: String) throws {
    let path = "\(Captures.folder)/\(file)"
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let all = Captures.read(path: path).packets
    var ends: [Int] = []
    for count in 0..<whole.count {
      let (packets, error) = try Captures.read(Array(whole[..<count]))
      #expect(packets == Array(all.prefix(packets.count)))
      if let error {
        // Bytes 8 to 11 tell that a file is pcapng, and one of pcapng needs its first two blocks.
        let isUnknown = file.hasSuffix("ng") && ((4..<12).contains(count) || count == 28)
        #expect(error.code == (isUnknown ? .notACapture : .truncated), "\(count): \(error)")
        #expect(error.packets == packets.count)
      } else {
        ends.append(packets.count)
      }
    }
    #expect(ends == [0, 1, 2, 3, 4], "a file may end after its header and after each packet")
  }

  @Test func `the error is thrown again, and the end stays the end`() throws {
    try Captures.withPath { path in
      try Data(Captures.header() + Captures.words(1, 2, 9, 9) + [7]).write(to: URL(filePath: path))
      var reader = try CaptureReader(path: path)
      for _ in 0..<2 {
        #expect(throws: CaptureError.self) { while let record = try reader.next() { _ = Captured(record) } }
      }
      try Data(Captures.header()).write(to: URL(filePath: path))
      reader = try CaptureReader(path: path)
      for _ in 0..<2 {
        let isAtEnd = try reader.next() == nil
        #expect(isAtEnd)
      }
    }
  }

  static let hostile: [(bytes: [UInt8], code: CaptureError.Code)] = [
    ([], .truncated),
    (Array("no capture at all, but long enough".utf8), .notACapture),
    (Captures.header() + Captures.words(0, 0, .max, .max), .malformed),
    (Captures.header() + Captures.words(0, 0, 262_145, 262_145), .malformed),
    (Captures.header() + Captures.words(0, 0, 262_144, 262_144), .truncated),
    (Captures.header(linkType: 231), .linkType),
    (Captures.header(linkType: 249), .linkType),
    (Captures.header(snapshotLength: .max) + Captures.words(0, 0, .max, 0), .malformed),
  ]

  @Test(arguments: hostile)
  func `a hostile file is refused with its kind of error`(bytes: [UInt8], code: CaptureError.Code) throws {
    let (packets, error) = try Captures.read(bytes)
    #expect(packets.isEmpty)
    #expect(error?.code == code, "\(String(describing: error))")
  }

  @Test func `times that no clock shows do not trap`() throws {
    let file = Captures.header() + Captures.words(.max, .max, 0, 0) + Captures.words(0, 0x8000_0000, 0, 0)
    let (packets, error) = try Captures.read(file)
    #expect(error == nil)
    #expect(packets.map(\.bytes) == [[], []])
  }

  @Test(arguments: 0..<64 as Range<UInt64>) func `a damaged file ends, and no packet is over the limit`(seed: UInt64)
    throws
  {
    var chance = SplitMix64(seed: seed)
    let name = ["little-micro.pcap", "big-nano.pcap", "scapy.pcapng", "cooked.pcap"].randomElement(using: &chance)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Captures.folder)/\(name ?? "")")))
    for _ in 0..<Int.random(in: 1...12, using: &chance) {
      bytes[Int.random(in: 0..<bytes.count, using: &chance)] =
        [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &chance) ?? 0
    }
    let (packets, _) = try Captures.read(bytes)
    #expect(packets.count <= bytes.count / 12)
    #expect(packets.allSatisfy { $0.bytes.count <= CaptureLimits.packetLength })
  }

  @Test func `a file that is not there, a folder and a name with a zero byte are told`() {
    for (path, words) in [("/no/such.pcap", "No such file"), ("/tmp", "Is a directory"), ("a\0b", "zero byte")] {
      let error = Captures.read(path: path).error
      #expect(error?.code == .unreadable)
      #expect(error?.detail.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func `an open descriptor is read from where it stands`() throws {
    let descriptor = open(Captures.folder + "/raw.pcap", O_RDONLY)
    var reader = try CaptureReader(descriptor: descriptor, name: "here")
    while let record = try reader.next() { _ = Captured(record) }
    let (name, count) = (reader.name, reader.count)
    #expect(name == "here")
    #expect(count == 2)
    #expect(throws: CaptureError.self) { _ = try CaptureReader(descriptor: -1, name: "nothing") }
  }
}
