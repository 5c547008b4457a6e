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
  name: "Pair",
  products: [
    .library(name: "Pair", targets: ["Pair"])
  ],
  dependencies: [
    .package(path: "../Addresses"),
    .package(path: "../Reactor"),
  ],
  targets: [
    .target(
      name: "Pair",
      dependencies: [
        .product(name: "Addresses", package: "Addresses"),
        .product(name: "Reactor", package: "Reactor"),
        .product(name: "CLinux", package: "Reactor"),
      ],
      packageAccess: false,
      swiftSettings: settings
    )
  ],
  swiftLanguageModes: [.v6]
)
