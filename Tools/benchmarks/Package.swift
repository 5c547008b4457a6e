// swift-tools-version: 6.2
import PackageDescription

/// The echo servers and packet programs that `run` measures, and the load generator that measures the servers.
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
    .executableTarget(name: "echo-load", cSettings: [.headerSearchPath("../EchoCounters/include")]),
    .executableTarget(name: "echo-c"),
    .systemLibrary(name: "CLibUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
    .executableTarget(name: "echo-libuv", dependencies: ["CLibUV"]),
    .executableTarget(name: "echo-skein", dependencies: [.product(name: "Reactor", package: "skein")]),
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
