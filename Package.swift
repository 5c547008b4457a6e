// swift-tools-version: 6.2
import PackageDescription

/// What every target of Skein is built with.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Views of packets borrow the bytes that they look at.
let viewSettings: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

/// Tests look at bytes and descriptors directly.
let testSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "skein",
  products: [
    .library(name: "Addresses", targets: ["Addresses"]),
    .library(name: "Reactor", targets: ["Reactor"]),
    .library(name: "Pair", targets: ["Pair"]),
    .library(name: "Conformance", targets: ["Conformance"]),
    .executable(name: "trace-replay", targets: ["trace-replay"]),
    .executable(name: "tunnel-echo", targets: ["tunnel-echo"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .target(
      name: "Addresses",
      path: "Modules/Addresses/Sources/Addresses",
      swiftSettings: settings),
    .target(
      name: "CLinux",
      path: "Modules/Reactor/Sources/CLinux"),
    .target(
      name: "Reactor",
      dependencies: ["Addresses", "CLinux"],
      path: "Modules/Reactor/Sources/Reactor",
      swiftSettings: settings),
    .target(
      name: "Pair",
      dependencies: ["Addresses", "Reactor", "CLinux"],
      path: "Modules/Pair/Sources/Pair",
      swiftSettings: settings + viewSettings),
    .systemLibrary(
      name: "CYAML",
      path: "Modules/Conformance/Sources/CYAML",
      pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CPcap",
      path: "Modules/Conformance/Sources/CPcap",
      pkgConfig: "libpcap",
      providers: [.apt(["libpcap-dev"])]),
    .target(
      name: "Conformance",
      dependencies: ["Addresses", "Reactor", "Pair", "CLinux", "CYAML", "CPcap"],
      path: "Modules/Conformance/Sources/Conformance",
      swiftSettings: settings + viewSettings),
    .executableTarget(
      name: "trace-replay",
      dependencies: [
        "Conformance", "Pair", "Reactor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/trace-replay",
      swiftSettings: settings),
    .executableTarget(
      name: "tunnel-echo",
      dependencies: [
        "Addresses", "Pair", "Reactor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/tunnel-echo",
      swiftSettings: settings),
    .executableTarget(
      name: "soak-reactor",
      dependencies: [
        "Addresses", "Reactor",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/soak-reactor",
      swiftSettings: settings),
    .target(
      name: "TestSupport",
      dependencies: ["Addresses", "Reactor", "Conformance"],
      path: "Tests/TestSupport",
      swiftSettings: testSettings),
    .testTarget(
      name: "AddressesTests",
      dependencies: ["Addresses"],
      path: "Tests/AddressesTests",
      swiftSettings: testSettings),
    .testTarget(
      name: "ReactorTests",
      dependencies: ["Addresses", "Reactor", "CLinux", "soak-reactor"],
      path: "Tests/ReactorTests",
      exclude: ["Faults/names.tsv"],
      swiftSettings: testSettings),
    .testTarget(
      name: "PairTests",
      dependencies: ["Pair", "Addresses", "Reactor", "CLinux", "tunnel-echo"],
      path: "Tests/PairTests",
      swiftSettings: testSettings + viewSettings),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Conformance", "Pair", "Reactor", "Addresses", "TestSupport"],
      path: "Tests/ConformanceTests",
      exclude: ["Fixtures"],
      swiftSettings: testSettings + viewSettings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["Conformance", "trace-replay", "tunnel-echo"],
      path: "Tests/EndToEndTests",
      exclude: ["tunnel_peer.py"],
      swiftSettings: testSettings),
    .testTarget(
      name: "HouseTests",
      path: "Tests/HouseTests",
      swiftSettings: testSettings),
  ]
)
