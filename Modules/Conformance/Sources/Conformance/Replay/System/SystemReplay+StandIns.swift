import Reactor

// What the stand-ins ask.
extension SystemReplay: Player {
  func play() throws -> TraceValue? {
    guard !isStopped, let frame = recorder.top, frame.kind == .back,
      let answer = recorder.locked({ arrivals.removeValue(forKey: frame.n) })
    else { return nil }
    guard case .matched(let n) = answer else {
      if hasDiverged { stop() }
      return nil
    }
    script(in: frame.n)
    guard !isStopped, let event = recording[n] else { return nil }
    switch event.outcome {
    case .returned(let value): return value
    case .raised(let error): throw raisedError(by: n, .mapping(error))
    case .opened: return nil
    }
  }

  private func raisedError(by n: Int, _ value: TraceValue) -> any Error {
    recorder.locked {
      let error = self.error(value)
      if let recorded = error as? RecordedError, raised[n] == nil { raised[n] = recorded }
      return error
    }
  }

  func error(_ value: TraceValue) -> any Error {
    if let event = value["raised"]?.int, let error = recorder.locked({ raised[event] }) { return error }
    return ErrorFamilies.error(value)
  }

  func object(_ value: TraceValue?) -> AnyObject? {
    recorder.locked { object(standingFor: value) }
  }

  private func object(standingFor value: TraceValue?) -> AnyObject? {
    guard let value else { return nil }
    if let name = value["ref"]?.text { return object(named: name) }
    if let name = value["new"]?.text { return object(named: name) ?? introduce(name, value.mapping ?? [:]) }
    if let name = value["deferred"]?.text { return object(named: name) ?? deferred(name, value) }
    if value["opaque"] != nil { return Token() }
    return nil
  }
}
