/// A descriptor, or a transport around one, that cannot do what was asked of it.
public enum DescriptorError: NamedError, Hashable {
  /// It is -1: closed, or never opened. Twisted's `ValueError`.
  case negative
  /// The transport or port has lost its socket. Twisted's `AttributeError`.
  case closed
  /// It was registered for reading only and is asked to write, or the other way round. Twisted's `AttributeError`.
  case wrongDirection
  /// Asked of a listening port what only a connection can do. Twisted's `RuntimeError`.
  case notWritable
  /// A ``FileDescriptor`` was asked for what its subclass does not do. Twisted's `NotImplementedError`.
  case notImplemented
  /// The system refused the descriptor.
  case system(Errno)

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .negative: "value-error"
    case .closed, .wrongDirection: "attribute"
    case .notWritable: "runtime"
    case .notImplemented: "not-implemented"
    case .system: "os-error"
    }
  }

  /// The operating system's error beneath, if there is one.
  public var errno: Errno? {
    if case .system(let errno) = self { errno } else { nil }
  }
}

/// A producer that cannot be registered.
public enum ProducerError: NamedError, Hashable {
  /// Another one is registered. Twisted's `RuntimeError`.
  case alreadyRegistered

  /// The family's name in the trace format.
  public var traceName: String { "runtime" }
}

/// TLS asked of a reactor that cannot do it.
public enum TLSError: NamedError, Hashable {
  /// No TLS module is installed.
  case unavailable

  /// The family's name in the trace format.
  public var traceName: String { "runtime" }
}
