import CFuzzer
import Glibc

// libFuzzer gives its input to a C function, which has no room for a choice of targets.
nonisolated(unsafe) private var target: @Sendable (RawSpan) -> Void = { _ in }

guard CommandLine.arguments.count > 1, let chosen = targets[CommandLine.arguments[1]] else {
  print(
    "usage: fuzz TARGET [libFuzzer's options and folders]\ntargets: \(targets.keys.sorted().joined(separator: " "))")
  exit(2)
}
unsafe target = chosen
unsafe altersTraces = CommandLine.arguments[1].hasPrefix("trace-")

// libFuzzer sees the command line without the target's name.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv + 1
let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
  // The input is libFuzzer's memory, exactly as large as it says, until this returns.
  if let data = unsafe data { unsafe target(RawSpan(_unsafeStart: UnsafeRawPointer(data), byteCount: size)) }
  return 0
}
exit(status)
