import CFuzzer

/// How libFuzzer's inputs are altered; set before it runs.
nonisolated(unsafe) var altersTraces = false

/// Alters an input: a trace as a forest of events, most of the time, and everything else as libFuzzer does.
///
/// libFuzzer calls it by its name.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: UInt32) -> Int {
  var chance = Chance(state: UInt64(seed))
  // libFuzzer's memory, as large as it says until this returns.
  let memory = unsafe UnsafeMutableBufferPointer(start: data, count: most)
  guard unsafe altersTraces, !chance.once(in: 5), var forest = unsafe Forest(Array(memory.prefix(size))) else {
    return unsafe LLVMFuzzerMutate(data, size, most)
  }
  for _ in 0..<Int.random(in: 1...4, using: &chance) { _ = forest.alter(&chance) }
  guard let bytes = forest.bytes(), bytes.count <= most else { return unsafe LLVMFuzzerMutate(data, size, most) }
  for (index, byte) in bytes.enumerated() { unsafe memory[index] = byte }
  return bytes.count
}
