import Pair
import Testing

extension PacketDevice where Self: ~Copyable {
  /// Sends bytes.
  mutating func send(_ frame: [UInt8], at time: Duration = .zero) throws(Failure) -> Bool {
    try send(frame.span.bytes, at: time)
  }

  /// Receives the next frame, of at most so many bytes.
  mutating func receive(limit: Int = 2_048, at time: Duration = .zero) throws(Failure) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0xA5, count: limit)
    let count = try buffer.withMutableRawSpan { (span) throws(Failure) in try receive(into: &span, at: time) }
    return count.map { Array(buffer[..<$0]) }
  }

  /// Receives all frames that there are.
  mutating func receiveAll(at time: Duration = .zero) throws(Failure) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    while let frame = try receive(at: time) { frames.append(frame) }
    return frames
  }
}

@Suite struct LoopbackTests {
  @Test(arguments: [1, 2, 3, 7], 1...9)
  func `frames come back in order, whatever order they are sent and received in`(capacity: Int, batch: Int) {
    var device = Loopback(medium: .ethernet, capacity: capacity)
    var sent = 0
    var received = 0
    for round in 0..<40 {
      for _ in 0..<batch {
        let isTaken = device.send([UInt8(sent), UInt8(sent % 7)])
        #expect(isTaken == (sent - received < capacity))
        if isTaken { sent += 1 }
      }
      for _ in 0..<(round % 3 + 1) {
        let frame = device.receive()
        #expect(frame == (received < sent ? [UInt8(received), UInt8(received % 7)] : nil))
        if frame != nil { received += 1 }
      }
    }
    #expect(received > 30)
  }

  @Test func `a frame that is longer than the buffer is cut, and the next is whole`() {
    var device = Loopback(medium: .ip)
    _ = device.send([1, 2, 3, 4])
    _ = device.send([5, 6])
    let (first, second) = (device.receive(limit: 3), device.receive(limit: 3))
    #expect(first == [1, 2, 3])
    #expect(second == [5, 6])
  }

  @Test func `an empty frame is a frame`() {
    var device = Loopback(medium: .ip)
    _ = device.send([UInt8]())
    let (first, second) = (device.receive(), device.receive())
    #expect(first == [])
    #expect(second == nil)
  }
}

@Suite struct TracerTests {
  @Test func `what was taken and what was received is shown, with its time`() {
    var lines: [String] = []
    var device = Tracer(Loopback(medium: .ip, capacity: 1)) { direction, time, frame in
      lines.append("\(direction) \(time) \([UInt8](frame))")
    }
    _ = device.send([1, 2], at: .seconds(1))
    _ = device.send([3], at: .seconds(2))
    _ = device.receive(at: .seconds(3))
    _ = device.receive(at: .seconds(4))
    #expect(lines == ["sent 1.0 seconds [1, 2]", "received 3.0 seconds [1, 2]"])
  }

  @Test func `frames are told in the words that packets have everywhere`() {
    var lines: [String] = []
    var device = Tracer(Loopback(medium: .ip), tell: { lines.append("\($0) \($1)") })
    // A datagram from 10.0.0.1:1 to 10.0.0.2:2 without a payload, and without a checksum of UDP's.
    let packet: [UInt8] = [
      0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x66, 0xCF, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0, 0,
    ]
    _ = device.send(packet, at: .seconds(1))
    _ = device.receive(at: .seconds(2))
    let line = PacketText.line(PacketDecoder(start: .ip).decode(packet.span.bytes))
    #expect(line.contains("UDP 1 > 2"))
    #expect(lines == ["1.0 seconds sent: \(line)", "2.0 seconds received: \(line)"])
  }

  @Test(arguments: PacketMedium.allCases)
  func `devices nest, have the medium of the innermost, and give back what they wrap`(medium: PacketMedium) {
    var seen = 0
    var device = Tracer(FaultInjector(Loopback(medium: medium), seed: 1)) { _, _, _ in seen += 1 }
    let found = device.medium
    #expect(found == medium)
    _ = device.send([1, 2])
    var inner = device.unwrap().unwrap()
    let frame = inner.receive()
    #expect(frame == [1, 2])
    #expect(seen == 1)
  }

  private struct Broken: PacketDevice {
    struct Gone: Error, Equatable {}
    let medium = PacketMedium.ip
    mutating func receive(into buffer: inout MutableRawSpan, at time: Duration) throws(Gone) -> Int? { throw Gone() }
    mutating func send(_ frame: RawSpan, at time: Duration) throws(Gone) -> Bool { throw Gone() }
  }

  @Test func `what the innermost device throws comes through, typed`() {
    var device = Tracer(FaultInjector(Broken(), seed: 1)) { _, _, _ in }
    do throws(Broken.Gone) {
      _ = try device.send([1])
      Issue.record("nothing was thrown")
    } catch {
      #expect(error == Broken.Gone())
    }
    do throws(Broken.Gone) {
      _ = try device.receive()
      Issue.record("nothing was thrown")
    } catch {
      #expect(error == Broken.Gone())
    }
  }
}
