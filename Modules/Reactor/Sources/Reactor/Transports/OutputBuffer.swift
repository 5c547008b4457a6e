/// The bytes that wait to be sent, in order, beside their ``OutputCounts``.
///
/// One run of bytes with a sent prefix: appending copies once, sending copies nothing, and neither allocates once the run
/// has grown to what a connection needs.
///
/// A send takes two steps, between which nothing may be done to the buffer: it is the system's meanwhile.
@safe package struct OutputBuffer: ~Copyable {
  /// The most that an empty buffer keeps for the next output, in bytes.
  private static let keptCapacity = 4 * OutputCounts.sendLimit
  /// What it begins with, in bytes.
  private static let leastCapacity = 64

  /// What waits and what may be sent.
  package private(set) var counts = OutputCounts()
  /// The bytes from `head` to `end` are initialized, and wait.
  private var memory: UnsafeMutableRawBufferPointer
  private var head = 0
  private var end = 0
  private var isSending = false

  /// Starts with nothing.
  package init() { unsafe memory = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

  // The memory is this buffer's alone: what a send was shown is used only until `sent`.
  deinit { unsafe memory.deallocate() }

  /// Whether all is sent.
  package var isEmpty: Bool { counts.isEmpty }

  /// Appends a copy.
  ///
  /// - Parameter data: The bytes.
  /// - Returns: What waits now.
  @inline(__always)
  package mutating func append(_ data: RawSpan) -> OutputCounts {
    let count = data.byteCount
    precondition(!isSending, "an I/O system writes to the connection that it sends for")
    if unsafe count > memory.count - end { makeRoom(for: count) }
    counts.append(count)
    // There is room for as many bytes, and the span holds what it shows.
    unsafe data.withUnsafeBytes { (bytes) in
      guard let base = bytes.baseAddress, let target = unsafe memory.baseAddress else { return }
      unsafe target.advanced(by: end).copyMemory(from: base, byteCount: count)
    }
    end += count
    return counts
  }

  /// Stages what one send may take; ``sent(_:)`` is the next that is done to the buffer.
  ///
  /// - Returns: The bytes to offer, none when nothing waits; valid until then.
  @inline(__always)
  package mutating func offer() -> UnsafeRawBufferPointer {
    precondition(!isSending, "an I/O system writes to the connection that it sends for")
    isSending = true
    let count = counts.stage()
    // What is staged waits, so it lies between head and end.
    let start = unsafe memory.baseAddress.map { unsafe UnsafeRawPointer($0) + head }
    return unsafe UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Counts what a send took.
  ///
  /// - Parameter count: How many of the bytes that were offered.
  @inline(__always)
  package mutating func sent(_ count: Int) {
    isSending = false
    guard count > 0 else { return }
    precondition(count <= end - head, "an I/O system sends more than it was offered")
    counts.send(count)
    head += count
    if head == end { empty() }
  }

  /// Stages what one send may take, for a sender that may do anything to the buffer meanwhile.
  ///
  /// - Returns: A copy of the bytes, perhaps none.
  package mutating func copyOffered() -> [UInt8] {
    let bytes = unsafe [UInt8](offer())
    sent(0)
    return bytes
  }

  /// Forgets everything, sent or not, and its memory.
  package mutating func removeAll() {
    precondition(!isSending, "an I/O system closes the connection that it sends for")
    self = OutputBuffer()
  }

  @inline(__always)
  private mutating func empty() {
    (head, end) = (0, 0)
    if unsafe memory.count > Self.keptCapacity { removeAll() }
  }

  /// How many bytes it has room for, sent ones included.
  package var capacity: Int { unsafe memory.count }

  /// Moves what waits to the front, or to memory with room for half as much again as is needed.
  private mutating func makeRoom(for count: Int) {
    let waiting = end - head
    let needed = waiting + count
    let source = unsafe UnsafeRawBufferPointer(rebasing: memory[head..<end])
    // A prefix that is no larger than what waits is not worth the move, which would be made again and again.
    if unsafe needed <= memory.count, head > waiting {
      unsafe memory.copyMemory(from: source)
    } else {
      // By what is needed, not by what there was: a producer that is paused in time bounds the memory too.
      let capacity = unsafe memory.count == 0 ? max(needed, Self.leastCapacity) : needed + needed / 2
      let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
      unsafe grown.copyMemory(from: source)
      unsafe memory.deallocate()
      unsafe memory = grown
    }
    (head, end) = (0, waiting)
  }
}
