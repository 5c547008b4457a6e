/// The transports that want to write: step 6 of the turn.
struct FlushQueue: ~Copyable {
  private var queue: [DescriptorTable.Registration] = []
  /// Memory of an earlier queue.
  private var spare: [DescriptorTable.Registration] = []
  /// How many flushes there were, to tell one from another.
  private(set) var passes: UInt32 = 0

  /// Whether a poll must not wait.
  var isWanted: Bool { !queue.isEmpty }

  /// Adds a transport whose wish is new.
  mutating func add(_ wish: DescriptorTable.Wish) {
    if case .new(let registration) = wish { queue.append(registration) }
  }

  /// Takes all that want to write as a poll begins.
  mutating func take(_ table: inout DescriptorTable) -> [DescriptorTable.Registration] {
    var taken: [DescriptorTable.Registration] = []
    swap(&taken, &spare)
    swap(&taken, &queue)
    for registration in taken { table.unqueue(registration) }
    return taken
  }

  /// Begins a flush.
  mutating func beginPass() -> UInt32 {
    passes &+= 1
    return passes
  }

  /// Keeps the memory of a queue that was dealt with.
  mutating func recycle(_ registrations: inout [DescriptorTable.Registration]) {
    registrations.removeAll(keepingCapacity: true)
    if registrations.capacity > spare.capacity { swap(&registrations, &spare) }
  }
}
