import ArgumentParser
import Glibc

/// `trace-replay spin`: keeps one core busy until its standard input ends; for `check --busy`.
struct Spin: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  func run() throws {
    _ = fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK)
    var byte: UInt8 = 0
    var sum: UInt64 = 1
    while unsafe read(STDIN_FILENO, &byte, 1) != 0 {
      for step in 0..<2_000_000 as Range<UInt64> { sum = sum &* 6_364_136_223_846_793_005 &+ step }
    }
    // The sum is used, so that the loop is not left out.
    if sum == 0 { throw ExitStatus.internalError }
  }
}
