/// The connections of one reactor that have a socket, by descriptor, none of them held.
///
/// A connection that neither reads nor writes is in no table of the reactor's, and the shutdown forgets it, as Twisted's
/// does; by this a stopped reactor still finds its socket and closes it.
struct OpenConnections {
  private struct Entry {
    // Cleared when the connection closes its socket, at the latest when it is released.
    unowned let connection: TCPConnection
  }

  private var entries: [Entry?] = []

  /// All of them.
  var all: [TCPConnection] { entries.compactMap { $0?.connection } }

  /// Takes a connection down.
  mutating func add(_ connection: TCPConnection, at descriptor: Int32) {
    while entries.count <= descriptor { entries.append(nil) }
    entries[Int(descriptor)] = Entry(connection: connection)
  }

  /// Forgets the connection of a descriptor.
  mutating func remove(_ descriptor: Int32) {
    entries[Int(descriptor)] = nil
  }
}

extension Reactor {
  /// Closes the connections that the shutdown forgot, without a word to anyone.
  func closeForgottenConnections() {
    for connection in connections.all where !isReading(connection) && !isWriting(connection) { connection.abandon() }
  }
}
