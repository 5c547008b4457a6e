/// The operations of an ``IOSystem`` and its pollers that can fail, by name.
public enum IOCall: String, Sendable, CaseIterable {
  /// ``IOSystem/makePoller(_:)``.
  case makePoller
  /// ``IOSystem/socket(_:_:)``.
  case socket
  /// ``IOSystem/bind(_:to:)``.
  case bind
  /// ``IOSystem/listen(_:backlog:)``.
  case listen
  /// ``IOSystem/accept(_:)``.
  case accept
  /// ``IOSystem/connect(_:to:)``.
  case connect
  /// ``IOSystem/takeError(_:)``.
  case takeError
  /// ``IOSystem/localAddress(_:)``.
  case localAddress
  /// ``IOSystem/peerAddress(_:)``.
  case peerAddress
  /// ``IOSystem/option(_:of:)``.
  case option
  /// ``IOSystem/setOption(_:of:to:)``.
  case setOption
  /// ``IOSystem/receive(_:into:)``.
  case receive
  /// ``IOSystem/send(_:_:)``.
  case send
  /// ``IOSystem/shutdown(_:_:)``.
  case shutdown
  /// ``IOSystem/setResetOnClose(_:)``.
  case setResetOnClose
  /// ``IOSystem/close(_:)``.
  case close
  /// ``IOSystem/duplicate(_:)``.
  case duplicate
  /// ``IOSystem/openReserve()``.
  case openReserve
  /// ``IOSystem/openWaker()``.
  case openWaker
  /// ``Poller/add(_:_:registration:)``.
  case watch
  /// ``Poller/modify(_:_:registration:)``.
  case rewatch
  /// ``Poller/remove(_:)``.
  case unwatch
  /// ``Poller/wait(timeout:into:)``.
  case wait
}

extension IOCall {
  /// The errors that Linux gives for the operation when nothing is wrong with the program.
  public var possibleErrors: [Errno] {
    switch self {
    case .makePoller, .openWaker, .openReserve, .duplicate: [.tooManyOpenFiles, .tooManyOpenFilesInSystem]
    case .socket: [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory]
    case .bind: [.addressInUse, .addressNotAvailable, .permissionDenied]
    case .listen: [.addressInUse]
    case .accept:
      [
        .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory, .connectionAborted,
        .operationNotPermitted,
      ]
    case .connect: [.connectionRefused, .timedOut, .networkUnreachable, .hostUnreachable, .addressNotAvailable]
    case .takeError, .localAddress, .option: [.noBufferSpace]
    case .peerAddress, .shutdown: [.notConnected]
    case .setOption, .setResetOnClose: [.invalidArgument]
    case .receive: [.connectionReset, .timedOut, .connectionRefused]
    case .send: [.brokenPipe, .connectionReset, .noBufferSpace]
    case .close: []
    case .watch, .rewatch: [.noMemory]
    case .unwatch, .wait: []
    }
  }

  /// Whether it may answer that it would have to wait.
  public var mayBlock: Bool {
    switch self {
    case .accept, .connect, .receive, .send: true
    default: false
    }
  }

  /// Whether it may do less than it was asked to.
  public var mayBeShort: Bool { self == .receive || self == .send }
}
