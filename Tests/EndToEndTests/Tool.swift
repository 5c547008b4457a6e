import Foundation

/// A program that was built beside these tests, run as a user runs it: `trace-replay` unless another is named.
struct Tool {
  /// The root of the repository, found from this file's place in it.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let traces = root.appending(path: "Traces/twisted-26.10.0").path

  /// A program: beside the bundle of the tests that run now, or where the package manager puts it.
  static func program(_ name: String) -> URL {
    let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }.map { URL(filePath: $0) }
    let folders =
      bundles.flatMap { bundle in sequence(first: bundle) { $0.path == "/" ? nil : $0.deletingLastPathComponent() } }
      + [root.appending(path: ".build/debug")]
    return folders.map { $0.appending(path: name) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath }
      ?? URL(filePath: "/\(name)")
  }

  let status: Int32
  let output: String
  let complaint: String

  /// Runs `trace-replay`.
  init(_ arguments: String...) throws {
    try self.init([Self.program("trace-replay").path] + arguments)
  }

  /// Runs a command: a path, or a name that is looked up, and its arguments.
  init(_ command: [String]) throws {
    let process = Process()
    let isPath = command[0].contains("/")
    process.executableURL = URL(filePath: isPath ? command[0] : "/usr/bin/env")
    process.arguments = isPath ? Array(command.dropFirst()) : command
    let files = ["out", "err"].map {
      FileManager.default.temporaryDirectory.appending(path: "skein-\(UUID().uuidString).\($0)")
    }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
    complaint = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
  }

  var lines: [Substring] { output.split(separator: "\n") }
}

/// A folder, while a test needs it.
func withFolder<Result>(_ body: (_ folder: URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "skein-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// A file with these contents, while a test needs it.
func withFile<Result>(_ name: String, _ contents: Data, _ body: (_ path: String) throws -> Result) throws -> Result {
  try withFolder { folder in
    let file = folder.appending(path: name)
    try contents.write(to: file)
    return try body(file.path)
  }
}
