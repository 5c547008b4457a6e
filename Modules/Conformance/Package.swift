// swift-tools-version: 6.2

import PackageDescription

// The root manifest names the same sources. Here, and only here, `package` access is given its package's name by
// hand: this package has another name than the root, and both builds must agree on what `package` means.
let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .unsafeFlags(["-package-name", "skein"]),
]

let package = Package(
  name: "Conformance",
  products: [
    .library(name: "Conformance", targets: ["Conformance"])
  ],
  dependencies: [
    .package(path: "../Addresses"),
    .package(path: "../Reactor"),
    .package(path: "../Pair"),
  ],
  targets: [
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .target(
      name: "Conformance",
      dependencies: [
        "CYAML",
        "CPcap",
        .product(name: "Addresses", package: "Addresses"),
        .product(name: "Reactor", package: "Reactor"),
        .product(name: "Pair", package: "Pair"),
        .product(name: "CLinux", package: "Reactor"),
      ],
      packageAccess: false,
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
