/// What is checked of a line before any parser sees it.
enum LexicalChecks {
  private static let magic: [(bytes: [UInt8], name: String)] = [
    ([0xA1, 0xB2, 0xC3, 0xD4], "a pcap file"), ([0xD4, 0xC3, 0xB2, 0xA1], "a pcap file"),
    ([0xA1, 0xB2, 0x3C, 0x4D], "a pcap file"), ([0x4D, 0x3C, 0xB2, 0xA1], "a pcap file"),
    ([0x0A, 0x0D, 0x0D, 0x0A], "a pcapng file"), ([0x1F, 0x8B], "a gzip file"),
  ]

  /// What kind of other file starts with this line, nil where it may be a trace.
  ///
  /// A pcapng file's first bytes are a newline and more, so its first line is one byte long.
  static func otherFile(_ line: [UInt8]) -> String? {
    if line.isEmpty { return "an empty file" }
    for (bytes, name) in magic where line.starts(with: bytes) { return name }
    if line.first == UInt8(ascii: "{") || line.first == UInt8(ascii: "[") { return "JSON or the like" }
    return nil
  }

  /// Whether a line is empty, spaces, or a comment.
  static func isBlank(_ body: some Collection<UInt8>) -> Bool {
    body.first == UInt8(ascii: "#") || body.allSatisfy { $0 == 0x20 }
  }

  /// Whether a line starts a document: the end of the header.
  static func isMarker(_ line: [UInt8]) -> Bool {
    line.count > 3 && line.starts(with: "---".utf8) && (line[3] == 0x20 || line[3] == 0x0A)
  }

  /// Refuses everything but printable ASCII.
  static func characters(_ body: some Collection<UInt8>, line: Int) throws(TraceError) {
    var column = 0
    for byte in body {
      column += 1
      if (0x20...0x7E).contains(byte) { continue }
      let name =
        switch byte {
        case 0x09: "a tab"
        case 0x0D: "a carriage return"
        case 0x00: "a NUL"
        default: "the byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
      throw TraceError(
        byte > 0x7E ? .notASCII : .character, expected: "printable ASCII", found: name, line: line, column: column)
    }
  }

  /// Refuses a line whose brackets outside quotes nest deeper than the limit.
  static func depth(_ text: ArraySlice<UInt8>, limit: Int, line: Int) throws(TraceError) {
    var depth = 0
    var quote: UInt8?
    var skips = false
    var column = 0
    for byte in text {
      column += 1
      if skips {
        skips = false
      } else if let open = quote {
        if byte == open {
          quote = nil
        } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") {
          skips = true
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          guard depth <= limit else {
            throw TraceError(
              .tooDeep, expected: "at most \(limit) levels of brackets", found: "more", line: line, column: column)
          }
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
      }
    }
  }
}
