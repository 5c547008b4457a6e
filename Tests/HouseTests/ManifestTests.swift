import Foundation
import Testing

/// The root manifest and those under `Modules/` name the same targets with the same dependencies.
@Suite struct ManifestTests {
  static let modules = ["Addresses", "Reactor", "Pair", "Conformance"]

  @Test(arguments: modules)
  func `a module's own manifest says what the root's says`(module: String) throws {
    let rootTargets = try targets(ofPackageAt: root)
    let own = try targets(ofPackageAt: root.appending(path: "Modules/\(module)"))
    try #require(!own.isEmpty)
    for (name, dependencies) in own {
      let there = try #require(rootTargets[name], "the root manifest has no target \(name)")
      #expect(dependencies == there, "dependencies of \(name) in Modules/\(module) and in the root")
    }
  }

  @Test func `the root offers each module as a product`() throws {
    let products = try manifest(ofPackageAt: root)["products"] as? [[String: Any]] ?? []
    let names = Set(products.compactMap { $0["name"] as? String })
    #expect(names.isSuperset(of: Self.modules + ["trace-replay"]))
  }

  /// Each target's dependencies by name, whether they are targets or products.
  private func targets(ofPackageAt folder: URL) throws -> [String: Set<String>] {
    let targets = try manifest(ofPackageAt: folder)["targets"] as? [[String: Any]] ?? []
    var found: [String: Set<String>] = [:]
    for target in targets {
      let name = try #require(target["name"] as? String)
      let dependencies = target["dependencies"] as? [[String: Any]] ?? []
      found[name] = Set(dependencies.compactMap { ($0.values.first as? [Any])?.first as? String })
    }
    return found
  }

  private func manifest(ofPackageAt folder: URL) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let scratch = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: scratch) }
    process.arguments = [
      "swift", "package", "dump-package", "--package-path", folder.path, "--scratch-path", scratch.path,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "swift package dump-package in \(folder.path)")
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
