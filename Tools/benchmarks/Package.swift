// swift-tools-version: 6.2
import PackageDescription

/// The programs that `run`, `counts` and `packets` measure, and the load generators that measure the servers.
///
/// A package of its own, so that what only a benchmark needs stays out of Skein's manifest; SwiftNIO's programs are in
/// `nio`.
let package = Package(
  name: "benchmarks",
  products: [
    .library(name: "EchoCounters", type: .dynamic, targets: ["EchoCounters"])
  ],
  dependencies: [.package(name: "skein", path: "../..")],
  targets: [
    .target(name: "Load"),
    .executableTarget(
      name: "echo-load", dependencies: ["Load"], cSettings: [.headerSearchPath("../EchoCounters/include")]),
    .executableTarget(name: "connect-load", dependencies: ["Load"]),
    .executableTarget(name: "stream-load", dependencies: ["Load"]),
    .executableTarget(name: "echo-c"),
    .executableTarget(name: "stream-c"),
    .executableTarget(name: "timers-c"),
    .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    .executableTarget(name: "echo-libuv", dependencies: ["CLibUV"]),
    .executableTarget(name: "stream-libuv", dependencies: ["CLibUV"]),
    .executableTarget(name: "timers-libuv", dependencies: ["CLibUV"]),
    .executableTarget(name: "echo-skein", dependencies: [.product(name: "Reactor", package: "skein")]),
    .executableTarget(
      name: "echo-recorded",
      dependencies: [.product(name: "Reactor", package: "skein"), .product(name: "Conformance", package: "skein")]),
    .executableTarget(name: "stream-skein", dependencies: [.product(name: "Reactor", package: "skein")]),
    .executableTarget(name: "timers-skein", dependencies: [.product(name: "Reactor", package: "skein")]),
    .executableTarget(
      name: "packets-c", cSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("pcap")]),
    .executableTarget(
      name: "packets-skein",
      dependencies: [
        .product(name: "Addresses", package: "skein"),
        .product(name: "Pair", package: "skein"),
        .product(name: "Conformance", package: "skein"),
      ]),
    .executableTarget(name: "traces-c", linkerSettings: [.linkedLibrary("yaml")]),
    .executableTarget(name: "traces-skein", dependencies: [.product(name: "Conformance", package: "skein")]),
    .target(name: "EchoCounters", linkerSettings: [.linkedLibrary("dl")]),
  ]
)
