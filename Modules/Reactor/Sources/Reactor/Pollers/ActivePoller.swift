/// A poller with two fast cases: the reactor's own are called without an existential in between.
enum ActivePoller {
  case epoll(EpollPoller)
  case poll(PollPoller)
  case other(any Poller)

  init(_ poller: any Poller) {
    if let poller = poller as? EpollPoller {
      self = .epoll(poller)
    } else if let poller = poller as? PollPoller {
      self = .poll(poller)
    } else {
      self = .other(poller)
    }
  }

  @inline(__always)
  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    switch self {
    case .epoll(let poller): try poller.wait(timeout: timeout, into: &events)
    case .poll(let poller): try poller.wait(timeout: timeout, into: &events)
    case .other(let poller): try poller.wait(timeout: timeout, into: &events)
    }
  }

  /// The poller, for what is done seldom.
  var base: any Poller {
    switch self {
    case .epoll(let poller): poller
    case .poll(let poller): poller
    case .other(let poller): poller
    }
  }
}
