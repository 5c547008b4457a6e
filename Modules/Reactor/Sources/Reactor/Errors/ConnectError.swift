/// Why an attempt to connect came to nothing: the family of `twisted.internet.error.ConnectError`.
public enum ConnectError: NamedError, Hashable {
  /// Any other failure, with the system's error if it was the cause. `ConnectError`.
  case other(Errno?)
  /// The local address could not be bound, or no socket was to be had. `ConnectBindError`.
  case bind(Errno)
  /// The host name could not be looked up. `UnknownHostError`.
  case unknownHost
  /// The network cannot be reached, `ENETUNREACH`. `NoRouteError`.
  case noRoute
  /// Nobody listens there, `ECONNREFUSED`. `ConnectionRefusedError`.
  case refused
  /// The system gave up, `ETIMEDOUT`. `TCPTimedOutError`.
  case tcpTimedOut
  /// The socket's file is no good. `BadFileError`.
  case badFile
  /// The port is a service name that the system does not know. `ServiceNameUnknownError`.
  case unknownService
  /// The application stopped the attempt. `UserError`.
  case user
  /// The application's own time limit has passed. `TimeoutError`, a kind of user error.
  case timeout

  /// The error for what `connect` or the socket's pending error said.
  ///
  /// Mirrors `twisted.internet.error.getConnectError`.
  ///
  /// - Parameter errno: The system's error.
  public init(_ errno: Errno) {
    switch errno {
    case .networkUnreachable: self = .noRoute
    case .connectionRefused: self = .refused
    case .timedOut: self = .tcpTimedOut
    default: self = .other(errno)
    }
  }

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .other: "connect"
    case .bind: "connect-bind"
    case .unknownHost: "unknown-host"
    case .noRoute: "no-route"
    case .refused: "refused"
    case .tcpTimedOut: "tcp-timed-out"
    case .badFile: "bad-file"
    case .unknownService: "unknown-service"
    case .user: "user"
    case .timeout: "timeout"
    }
  }

  /// The operating system's error beneath, if there is one.
  public var errno: Errno? {
    switch self {
    case .other(let errno): errno
    case .bind(let errno): errno
    case .noRoute: .networkUnreachable
    case .refused: .connectionRefused
    case .tcpTimedOut: .timedOut
    case .unknownHost, .badFile, .unknownService, .user, .timeout: nil
    }
  }
}
