import Reactor

// Which attempt to connect is behind a callback, where the tree cannot show it.

extension TraceRecorder {
  func noteAttempt(_ method: String, _ arguments: [BoundaryArgument]) {
    guard method == "startedConnecting", case .object(let connector, _)? = arguments.first?.value else { return }
    let calls = stacks[Self.thread] ?? []
    if let call = calls.last(where: { $0.kind == .call && $0.method.hasPrefix("connect") }) {
      attempts[connector] = call.n
    } else if let handed = handedAttempts[connector] {
      attempts[connector] = handed
    }
  }

  /// Notes which event hands over the `connect` of a connector, however deep behind other methods.
  func noteHandedAttempts(_ arguments: [BoundaryArgument], _ n: Int) {
    for argument in arguments {
      guard case .callable(let callable) = argument.value, let method = callable.method else { continue }
      if method.target is Connector, "\(method.name)" == "connect" { handedAttempts[method.target] = n }
      noteHandedAttempts(method.arguments, n)
    }
  }

  /// The attempt to connect that a callback comes of, where it is not inside it.
  func attempt(behind method: String, _ arguments: [BoundaryArgument], of cause: AnyObject?) -> Int? {
    let attempt: Int?
    switch (method, arguments.first?.value) {
    case ("buildProtocol", .address(let address)?): attempt = cause.map { attempts[$0] } ?? clients[address]
    case ("clientConnectionFailed", .object(let connector, _)?): attempt = attempts[connector]
    default: attempt = nil
    }
    guard let attempt, !(stacks[Self.thread] ?? []).contains(where: { $0.n == attempt }) else { return nil }
    return attempt
  }
}
