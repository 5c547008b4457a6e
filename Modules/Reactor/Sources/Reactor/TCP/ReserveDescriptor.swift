/// A descriptor held in reserve by a port: given up, it makes room to accept, and close, one client at a time.
///
/// Mirrors `twisted.internet.tcp._FileDescriptorReservation`, of which a process has one and here each port that listens.
struct ReserveDescriptor: ~Copyable {
  private let io: IO
  private var descriptor: Int32 = -1

  /// Makes an empty reserve.
  init(_ io: IO) {
    self.io = io
  }

  deinit {
    if descriptor >= 0 { try? io.close(descriptor) }
  }

  /// Whether there is a descriptor to give up.
  var isFilled: Bool { descriptor >= 0 }

  /// Opens the descriptor, unless it is open.
  ///
  /// - Throws: The operating system's refusal.
  mutating func fill() throws(Errno) {
    if descriptor < 0 { descriptor = try io.openReserve() }
  }

  /// Gives the descriptor up.
  mutating func drop() {
    if descriptor >= 0 { try? io.close(descriptor) }
    descriptor = -1
  }
}
