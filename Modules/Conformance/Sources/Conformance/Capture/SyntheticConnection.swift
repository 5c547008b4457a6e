/// Which end of a connection.
enum SyntheticRole: Hashable, CaseIterable {
  case client
  case server

  /// The other end.
  var other: SyntheticRole {
    switch self {
    case .client: .server
    case .server: .client
    }
  }
}

/// Something that a trace shows of a connection.
struct SyntheticAct: Hashable {
  enum What: Hashable {
    case connect
    case refused
    case established
    case received([UInt8])
    case written([UInt8])
    /// The other end has sent all that it sends.
    case end
    case shutdown
    case close
    case abort
    case reset
  }

  /// The event.
  var n: Int
  /// Nanoseconds since the trace started.
  var at: Int
  var what: What
  /// The end at which it is seen.
  var role: SyntheticRole
}

/// A connection of a trace, with what is known of where it goes.
struct SyntheticConnection {
  /// One end that is in the trace.
  struct End {
    /// The transports that have stood for its socket, the current one last: adopting one makes another.
    var transports: [String] = []
    var proto: String?
    var isLosing = false
  }

  /// The event that it began with.
  var n: Int
  /// The object to name it by as long as no transport is known.
  var name: String
  /// The client's factory.
  var factory: String?
  var client = SyntheticPlace()
  var server = SyntheticPlace()
  /// The port as the attempt named it.
  var port: TraceValue?
  var ends: [SyntheticRole: End] = [:]
  var acts: [SyntheticAct] = []

  /// Whether anything went out: a look-up that failed sends nothing.
  var hasPackets: Bool { acts.contains { $0.what == .established || $0.what == .refused } }

  /// The object that a reader knows it by, and its role: the client's transport if it is in the trace.
  var object: (name: String, role: SyntheticRole) {
    for role in SyntheticRole.allCases {
      if let transport = ends[role]?.transports.first { return (transport, role) }
    }
    return (name, .client)
  }
}
