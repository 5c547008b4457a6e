// swift-tools-version: 6.2
import PackageDescription

/// The fuzz targets, in one program: `fuzz TARGET` and libFuzzer's own options.
///
/// A package of its own, as it builds only with a sanitizer that drives it: `Tools/fuzz` says how.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "skein", path: "../..")],
  targets: [
    .systemLibrary(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CFuzzer",
        .product(name: "Addresses", package: "skein"),
        .product(name: "Pair", package: "skein"),
        .product(name: "Conformance", package: "skein"),
      ],
      swiftSettings: [
        .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
        .enableExperimentalFeature("Lifetimes"),
      ]),
  ]
)
