/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SeededGenerator {
  /// A text with a few bytes of it changed, removed, doubled or put elsewhere, from an alphabet.
  mutating func mutated(_ text: String, alphabet: String) -> String {
    var bytes = Array(text.utf8)
    let letters = Array(alphabet.utf8)
    for _ in 0...Int.random(in: 0..<3, using: &self) {
      let place = Int.random(in: 0...bytes.count, using: &self)
      let letter = letters[Int.random(in: 0..<letters.count, using: &self)]
      switch Int.random(in: 0..<4, using: &self) {
      case 0 where place < bytes.count: bytes[place] = letter
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2 where place < bytes.count: bytes.insert(bytes[place], at: place)
      default: bytes.insert(letter, at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
