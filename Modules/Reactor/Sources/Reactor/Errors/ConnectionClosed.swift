/// Why a connection that was made is gone: the family of `twisted.internet.error.ConnectionClosed`.
public enum ConnectionClosed: NamedError, Hashable {
  /// Closed in an orderly way, by this side or by the peer. `ConnectionDone`.
  case done
  /// Lost otherwise: reset, failed while sending, or cut by the reactor's shutdown. `ConnectionLost`.
  case lost
  /// Aborted by this side's `abortConnection`. `ConnectionAborted`, a kind of lost.
  case aborted
  /// The descriptor vanished behind the reactor's back. `ConnectionFdescWentAway`, a kind of lost.
  case descriptorWentAway
  /// More descriptors than bytes were queued for sending. `FileDescriptorOverrun`, a kind of lost.
  case descriptorOverrun

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .done: "done"
    case .lost: "lost"
    case .aborted: "aborted"
    case .descriptorWentAway: "descriptor-went-away"
    case .descriptorOverrun: "descriptor-overrun"
    }
  }
}
