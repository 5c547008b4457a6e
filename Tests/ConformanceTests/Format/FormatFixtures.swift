import Glibc

/// Where the files are that both implementations of the format are tested with.
enum FormatFixtures {
  static let root = parent(of: #filePath, levels: 4)
  static let good = traces(in: root + "/Tests/ConformanceTests/Fixtures/format/good")
  static let bad = badFiles()
  static let corpus = traces(in: root + "/Traces")
  /// The traces of tunnels, which are judged in strict order.
  static let tunnelCorpus = corpus.filter { $0.contains("/pair/") }
  /// The traces of reactors.
  static let reactorCorpus = corpus.filter { !$0.contains("/pair/") }
  static let document = root + "/docs/trace-format.md"
  static let schema = root + "/docs/trace-format.schema.json"

  /// A file that must be refused, and how.
  struct Bad: Sendable, CustomStringConvertible {
    let name: String
    let path: String
    let line: Int
    let field: String
    let code: String
    let limits: [String: Int]

    var description: String { name }
  }

  static func parent(of path: String, levels: Int) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(levels)
    return parts.joined(separator: "/")
  }

  /// The bytes of a file, empty where it cannot be read.
  static func bytes(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { return [] }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
    }
  }

  static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

  /// The traces in a folder, at any depth, sorted; lists that are YAML but no traces are left out by name.
  static func traces(in folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var found: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(".") { continue }
      if name.hasSuffix(".yaml") {
        if !["kept.yaml", "manifest.yaml", "rules.yaml"].contains(name) { found.append(folder + "/" + name) }
      } else {
        found += traces(in: folder + "/" + name)
      }
    }
    return found.sorted()
  }

  private static func badFiles() -> [Bad] {
    let folder = root + "/Tests/ConformanceTests/Fixtures/format/bad/"
    return text(folder + "expected.tsv").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { row in
      let cells = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      var limits: [String: Int] = [:]
      for pair in (cells.count > 4 ? cells[4] : "").split(separator: ",") {
        let sides = pair.split(separator: "=").map(String.init)
        limits[sides[0]] = Int(sides[1])
      }
      return Bad(
        name: cells[0], path: folder + cells[0], line: Int(cells[1]) ?? -1, field: cells[2], code: cells[3],
        limits: limits)
    }
  }

  /// The blocks of a language in the document.
  static func examples(_ language: String) -> [String] {
    var blocks: [String] = []
    var block: String?
    for line in text(document).split(separator: "\n", omittingEmptySubsequences: false) {
      if let open = block {
        if line.hasPrefix("```") {
          blocks.append(open)
          block = nil
        } else {
          block = open + line + "\n"
        }
      } else if line.hasPrefix("```" + language) {
        block = ""
      }
    }
    return blocks
  }
}
