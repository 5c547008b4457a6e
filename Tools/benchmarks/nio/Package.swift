// swift-tools-version: 6.2
import PackageDescription

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

/// The programs on SwiftNIO that Skein's are measured beside; a package of its own, so that nothing else fetches SwiftNIO.
let package = Package(
  name: "benchmarks-nio",
  dependencies: [.package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2")],
  targets: ["echo-nio", "stream-nio", "timers-nio"].map { .executableTarget(name: $0, dependencies: nio) }
)
