/// What owns a socket and can close it without a word to anyone: a connection or a port.
protocol SocketOwner: Selectable {
  /// Closes the socket and lets go of the application's objects; the reactor has stopped.
  func abandon()
}

/// The connections and ports of one reactor that have a socket, by descriptor, none of them held.
///
/// What neither reads nor writes is in no table of the reactor's, and the shutdown forgets it, as Twisted's does; by this a
/// stopped reactor still finds its socket and closes it.
struct OpenSockets {
  private struct Entry {
    // Cleared when the owner closes its socket, at the latest when it is released.
    unowned let owner: any SocketOwner
  }

  private var entries: [Entry?] = []

  /// All who have one.
  var all: [any SocketOwner] { entries.compactMap { $0?.owner } }

  /// Takes an owner down.
  mutating func add(_ owner: any SocketOwner, at descriptor: Int32) {
    while entries.count <= descriptor { entries.append(nil) }
    entries[Int(descriptor)] = Entry(owner: owner)
  }

  /// Forgets the owner of a descriptor.
  mutating func remove(_ descriptor: Int32) {
    entries[Int(descriptor)] = nil
  }
}

extension Reactor {
  /// Whether it has stopped for good, and so has closed the sockets that the shutdown forgot.
  package var isShutDown: Bool { lifecycle.isShutDown }

  /// Closes the sockets that the shutdown forgot, without a word to anyone.
  func closeForgottenSockets() {
    for owner in sockets.all {
      stopReading(owner)
      stopWriting(owner)
      owner.abandon()
    }
  }
}
