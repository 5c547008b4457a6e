// swift-tools-version: 6.2

import PackageDescription

// The root manifest names the same sources. Here, and only here, `package` access is given its package's name by
// hand: this package has another name than the root, and both builds must agree on what `package` means.
let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-package-name", "skein"]),
]

let package = Package(
  name: "Reactor",
  products: [
    .library(name: "Reactor", targets: ["Reactor"]),
    .library(name: "CLinux", targets: ["CLinux"]),
  ],
  dependencies: [
    .package(path: "../Addresses")
  ],
  targets: [
    .target(name: "CLinux", packageAccess: false),
    .target(
      name: "Reactor",
      dependencies: ["CLinux", .product(name: "Addresses", package: "Addresses")],
      packageAccess: false,
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
