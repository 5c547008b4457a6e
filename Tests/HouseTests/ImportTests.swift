import Foundation
import Testing

/// The root of the repository, found from this file's place in it.
let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Each Swift file under a folder, with its text.
func swiftFiles(under folder: String) throws -> [(path: String, text: String)] {
  let base = root.appending(path: folder)
  let found = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
  var files: [(path: String, text: String)] = []
  while let url = found?.nextObject() as? URL {
    guard url.pathExtension == "swift", !url.path.contains("/.build/") else { continue }
    let path = String(url.path.dropFirst(root.path.count + 1))
    files.append((path, try String(contentsOf: url, encoding: .utf8)))
  }
  try #require(!files.isEmpty, "no Swift file under \(folder)")
  return files.sorted { $0.path < $1.path }
}

/// The modules that a file imports.
func imports(of text: String) -> [String] {
  text.split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ")
    guard let at = words.firstIndex(of: "import"), at <= 3, words.count > at + 1 else { return nil }
    guard words[..<at].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) })
    else { return nil }
    return String(words[at + 1].split(separator: ".")[0])
  }
}

@Suite struct ImportTests {
  /// What each floor may import: nothing points up.
  static let allowed: [(folder: String, modules: Set<String>)] = [
    ("Modules/Addresses/Sources/Addresses", []),
    ("Modules/Reactor/Sources/Reactor", ["Addresses", "CLinux", "Glibc", "Synchronization"]),
    ("Modules/Pair/Sources/Pair", ["Addresses", "Reactor", "CLinux", "Glibc"]),
    (
      "Modules/Conformance/Sources/Conformance",
      ["Addresses", "Reactor", "Pair", "CLinux", "CYAML", "CPcap", "Glibc", "Synchronization"]
    ),
  ]

  @Test(arguments: allowed)
  func `a floor imports only the floors below it`(folder: String, modules: Set<String>) throws {
    for file in try swiftFiles(under: folder) {
      let strangers = Set(imports(of: file.text)).subtracting(modules)
      #expect(strangers.isEmpty, "\(file.path) imports \(strangers.sorted())")
    }
  }

  @Test func `only the rooms that touch the operating system import Glibc`() throws {
    let rooms = ["/IO/", "/Pollers/", "/Threads/", "/Resolution/", "Core/Signals.swift", "Time/SystemClock.swift"]
    for file in try swiftFiles(under: "Modules/Reactor/Sources/Reactor") where imports(of: file.text).contains("Glibc")
    {
      #expect(rooms.contains { file.path.contains($0) }, "\(file.path) imports Glibc")
    }
  }

  @Test func `only the room for captures knows libpcap`() throws {
    let files = try swiftFiles(under: "Modules").filter { imports(of: $0.text).contains("CPcap") }
    #expect(!files.isEmpty)
    for file in files { #expect(file.path.contains("/Conformance/Capture/"), "\(file.path) imports CPcap") }
  }

  @Test func `an import line is read whatever stands before the module's name`() {
    #expect(
      imports(of: "@testable import Reactor\npublic import Addresses\nimport struct Foundation.URL\n// import X")
        == ["Reactor", "Addresses", "struct"])
  }
}
