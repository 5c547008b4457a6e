import Conformance
import Foundation
import Testing

/// The pcapng files that the tool makes of traces: the same bytes as skeintrace's, whose tests compare the same fixture.
@Suite struct TraceExportTests {
  private static let trace = Tool.traces + "/programs/line_echo.yaml"
  private static let fixtures = Tool.root.appending(path: "Tests/ConformanceTests/Fixtures/capture")

  @Test func `the export says each packet's events`() throws {
    try withFolder { folder in
      let file = folder.appending(path: "out.pcapng")
      let tool = try Tool("export", "--pcapng", Self.trace, "-o", file.path)
      #expect(tool.status == 0)
      #expect(tool.output.isEmpty)
      #expect(try Data(contentsOf: file) == Data(contentsOf: Self.fixtures.appending(path: "line_echo.pcapng")))
    }
  }

  @Test func `a full disk is one line, and the device stays what it is`() throws {
    try withFolder { folder in
      let place = folder.appending(path: "out.pcapng")
      try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: "/dev/full")
      let tool = try Tool("export", "--pcapng", Self.trace, "-o", place.path)
      #expect(tool.status == 4)
      #expect(tool.output.isEmpty)
      #expect(tool.complaint.hasPrefix("trace-replay: \(place.path): "))
      #expect(tool.complaint.hasSuffix("No space left on device [unwritable]\n"))
      let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/full")
      #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    }
  }

  @Test func `a file that cannot be made leaves nothing behind`() throws {
    let tool = try Tool("export", "--pcapng", Self.trace, "-o", "/no/such/folder/out.pcapng")
    #expect(tool.status == 4)
    #expect(tool.complaint == "trace-replay: /no/such/folder/out.pcapng: No such file or directory [unwritable]\n")
  }

  @Test func `a trace that is cut off is exported as far as it goes`() throws {
    let whole = try Data(contentsOf: URL(filePath: Self.trace))
    let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n").prefix(40)
    try withFile("case.yaml", Data((lines.joined(separator: "\n") + "\n").utf8)) { path in
      let tool = try Tool("export", "--pcapng", path, "-o", path + ".pcapng")
      #expect(tool.status == 3)
      #expect(tool.complaint.contains("cut off"))
      var reader = try CaptureReader(path: path + ".pcapng")
      #expect(try reader.next() != nil)
    }
  }

  @Test func `an export without a format is refused`() throws {
    let tool = try Tool("export", Self.trace, "-o", "x")
    #expect(tool.status == 2)
    #expect(tool.output.isEmpty)
    #expect(tool.complaint.contains("--pcapng"))
  }
}
