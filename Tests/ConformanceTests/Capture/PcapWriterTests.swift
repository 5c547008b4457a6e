import Conformance
import Pair
import Testing

@Suite struct PcapWriterTests {
  @Test(arguments: [(PacketMedium.ethernet, CaptureLinkType.ethernet), (.ip, .ip)])
  func `what is sent and received stands in the capture, in order`(medium: PacketMedium, linkType: CaptureLinkType)
    throws
  {
    try Captures.withPath { path in
      var device = try PcapWriter(Loopback(medium: medium, capacity: 1), path: path)
      let frame: [UInt8] = [0x45, 1, 2]
      var buffer = [UInt8](repeating: 0, count: 2)
      let taken = [device.send(frame.span.bytes, at: .seconds(1)), device.send(frame.span.bytes, at: .seconds(2))]
      #expect(taken == [true, false])
      for time in 3...4 {
        var span = buffer.mutableSpan
        var bytes = span.mutableBytes
        _ = device.receive(into: &bytes, at: .seconds(time))
      }
      _ = try device.finish()
      let found = try CaptureReader(path: path).linkType
      #expect(found == linkType)
      let expected = [
        Captured(time: .seconds(1), bytes: frame), Captured(time: .seconds(3), bytes: Array(frame[..<2])),
      ]
      #expect(Captures.read(path: path).packets == expected)
    }
  }

  @Test func `frames go on when the capture cannot be written, and the end tells it`() throws {
    var device = try PcapWriter(Tracer(Loopback(medium: .ip)) { _, _, _ in }, path: "/dev/full")
    let frame = [UInt8](repeating: 0x45, count: 60_000)
    for _ in 0..<4 {
      let isTaken = device.send(frame.span.bytes, at: .zero)
      #expect(isTaken)
    }
    let code = device.failure?.code
    #expect(code == .unwritable)
    do throws(CaptureError) {
      _ = try device.finish()
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.code == .unwritable)
    }
  }
}
