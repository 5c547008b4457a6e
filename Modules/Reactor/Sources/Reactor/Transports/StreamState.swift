/// Where a stream transport stands between the making of its socket and the loss of its connection.
///
/// A value without I/O: each event is a method that settles the new state and returns what the transport is to do, so that
/// an application that calls back in meets a settled transport. The three flags that an application can read
/// (`connected`, `disconnecting`, `disconnected` of `twisted.internet.abstract.FileDescriptor`) are computed from it.
package enum StreamState: Hashable {
  /// The socket is not connected: an attempt is under way, or came to nothing.
  case unconnected(Sending, aborted: Bool)
  /// The connection is made.
  case connected(Sending, Closing)
  /// The connection was made and is lost; `disconnecting` keeps its last value.
  case lost(disconnecting: Bool)

  /// How far the sending side is closed.
  package enum Sending: Hashable, CaseIterable {
    /// It is open.
    case open
    /// It closes when all output is sent: `loseWriteConnection` was called.
    case halfClosing
    /// It is closed.
    case halfClosed
  }

  /// How far the whole connection is closed.
  package enum Closing: Hashable, CaseIterable {
    /// Nobody asked.
    case open
    /// It closes when all output is sent: `loseConnection` was called.
    case flushing
    /// Its loss is scheduled: `abortConnection` was called.
    case aborting
    /// Both were called.
    case abortingAfterFlushing
  }

  /// The state of a new client socket.
  package static let new = unconnected(.open, aborted: false)
  /// The state of an accepted connection.
  package static let accepted = connected(.open, .open)
}

extension StreamState {
  /// Whether the connection is made and not lost.
  package var connected: Bool {
    switch self {
    case .connected: true
    case .unconnected, .lost: false
    }
  }

  /// Whether `loseConnection` took effect.
  package var disconnecting: Bool {
    switch self {
    case .connected(_, .flushing), .connected(_, .abortingAfterFlushing): true
    case .connected(_, .open), .connected(_, .aborting), .unconnected: false
    case .lost(let disconnecting): disconnecting
    }
  }

  /// Whether a connection that had been made is lost.
  package var disconnected: Bool {
    switch self {
    case .lost: true
    case .unconnected, .connected: false
    }
  }

  /// Whether `abortConnection` was called: the descriptor is then neither read nor written.
  package var aborting: Bool {
    switch self {
    case .connected(_, .aborting), .connected(_, .abortingAfterFlushing), .unconnected(_, aborted: true): true
    case .connected(_, .open), .connected(_, .flushing), .unconnected(_, aborted: false), .lost: false
    }
  }

  /// Whether output is accepted, also while closing: only a connection whose sending side is not closed yet takes it.
  package var acceptsOutput: Bool {
    switch self {
    case .connected(.open, _), .connected(.halfClosing, _): true
    case .connected(.halfClosed, _), .unconnected, .lost: false
    }
  }

  /// Whether reading may be resumed by the application.
  package var mayResume: Bool { connected && !disconnecting }
}

extension StreamState {
  /// What `loseConnection` comes to.
  package enum Lose: Hashable {
    /// Nothing: there is no connection, or it is closing already.
    case nothing
    /// Reading stops, and a flush closes.
    case flush
    /// The sending side is closed already: the connection is lost inside the call.
    case now
  }

  /// `loseConnection` was called.
  ///
  /// - Returns: What to do.
  package mutating func lose() -> Lose {
    switch self {
    case .unconnected, .lost, .connected(_, .flushing), .connected(_, .abortingAfterFlushing):
      return .nothing
    case .connected(.halfClosed, .open), .connected(.halfClosed, .aborting):
      return .now
    case .connected(let sending, .open):
      self = .connected(sending, .flushing)
      return .flush
    case .connected(let sending, .aborting):
      self = .connected(sending, .abortingAfterFlushing)
      return .flush
    }
  }

  /// `loseWriteConnection` was called.
  ///
  /// - Returns: Whether a flush is to be asked for; there is none for a lost connection.
  package mutating func loseWriting() -> Bool {
    switch self {
    case .unconnected(.open, let aborted):
      self = .unconnected(.halfClosing, aborted: aborted)
      return true
    case .connected(.open, let closing):
      self = .connected(.halfClosing, closing)
      return true
    case .unconnected(.halfClosing, _), .unconnected(.halfClosed, _), .connected(.halfClosing, _),
      .connected(.halfClosed, _):
      return true
    case .lost:
      return false
    }
  }

  /// `abortConnection` was called.
  ///
  /// - Returns: Whether to schedule the loss.
  package mutating func abort() -> Bool {
    switch self {
    case .unconnected(let sending, aborted: false):
      self = .unconnected(sending, aborted: true)
    case .connected(let sending, .open):
      self = .connected(sending, .aborting)
    case .connected(let sending, .flushing):
      self = .connected(sending, .abortingAfterFlushing)
    case .unconnected(_, aborted: true), .connected(_, .aborting), .connected(_, .abortingAfterFlushing), .lost:
      return false
    }
    return true
  }

  /// What a flush that sent everything comes to.
  package enum Flushed: Hashable {
    /// Nothing more.
    case nothing
    /// The connection is done.
    case close
    /// The sending side is to be shut, and counts as shut already.
    case halfClose
  }

  /// All output was sent and no producer has more.
  ///
  /// - Returns: What to do. A full close wins over a half-close; a half-close that was asked for again is done again.
  package mutating func flushed() -> Flushed {
    switch self {
    case .connected(_, .flushing), .connected(_, .abortingAfterFlushing):
      return .close
    case .connected(.halfClosing, let closing):
      self = .connected(.halfClosed, closing)
      return .halfClose
    case .connected(.halfClosed, .open), .connected(.halfClosed, .aborting):
      return .halfClose
    case .connected(.open, .open), .connected(.open, .aborting), .unconnected, .lost:
      return .nothing
    }
  }

  /// The socket is connected.
  package mutating func connect() {
    switch self {
    case .unconnected(let sending, let aborted):
      self = .connected(sending, aborted ? .aborting : .open)
    case .connected, .lost:
      break
    }
  }

  /// The connection is lost.
  package mutating func loseNow() {
    self = .lost(disconnecting: disconnecting)
  }
}
