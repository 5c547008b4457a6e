import Conformance
import Glibc
import Pair

/// A capture of Ethernet frames or IP packets that a command reads, with what it lets through.
struct CaptureFile: ~Copyable {
  /// What the packets begin with.
  let start: PacketDecoder.Start
  /// The capture.
  var reader: CaptureReader
  private let filter: CaptureFilter

  /// Opens it; complains and leaves when that fails.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is the standard input.
  ///   - filter: An expression of tcpdump's; an empty one lets everything through.
  /// - Throws: How to leave, after a complaint.
  init(_ path: String, filter: String) throws(ExitStatus) {
    let reader = try Self.open(path)
    let linkType = reader.linkType
    let start: PacketDecoder.Start
    switch linkType {
    case .ethernet: start = .ethernet
    case .ip, .ipv4, .ipv6: start = .ip
    case .other:
      Console.complain("trace-replay: \(Terminal.escaped(path)): packets of link type \(linkType) are not decoded")
      throw .unreadable
    }
    let compiled = try Self.compile(filter, for: linkType)
    self.start = start
    self.reader = reader
    self.filter = compiled
  }

  private static func open(_ path: String) throws(ExitStatus) -> CaptureReader {
    do throws(CaptureError) {
      if path == "-" { return try CaptureReader(descriptor: dup(STDIN_FILENO), name: path) }
      return try CaptureReader(path: path)
    } catch {
      Console.complain("trace-replay: \(Terminal.escaped("\(error)"))")
      throw .unreadable
    }
  }

  private static func compile(_ filter: String, for linkType: CaptureLinkType) throws(ExitStatus) -> CaptureFilter {
    do throws(CaptureError) {
      return try CaptureFilter(filter, linkType: linkType)
    } catch {
      Console.complain("trace-replay: --filter: \(Terminal.escaped("\(error)"))")
      throw .usage
    }
  }

  /// Hands out each packet that passes, with its number in the capture.
  ///
  /// - Parameter body: Sees the packet.
  /// - Returns: How to leave when the capture cannot be read to its end, after a complaint; else nothing.
  consuming func forEach(_ body: (_ number: Int, _ record: borrowing CaptureRecord) -> Void) -> ExitStatus? {
    var number = 0
    while true {
      do throws(CaptureError) {
        guard let record = try reader.next() else { return nil }
        number += 1
        if filter.matches(record) { body(number, record) }
      } catch {
        Console.complain("trace-replay: \(Terminal.escaped("\(error)"))")
        return .unreadable
      }
    }
  }
}
