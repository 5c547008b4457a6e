import Reactor

// What a replay asks of the recorder that sees it.

extension TraceRecorder {
  /// Does something while nothing else is recorded.
  func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try lock.locked(body)
  }

  /// Adds the arguments that a function was handed over with.
  func addPassed(to args: inout TraceMapping, of callable: AnyObject) {
    for entry in passedArguments[callable]?.entries ?? [] {
      args[entry.key] = listener?.live(entry.value) ?? entry.value
    }
  }

  /// Introduces an object of a kind that the boundary does not know, or refers to it.
  func encode(_ object: AnyObject, kind: String) -> TraceValue {
    lock.locked {
      if let name = names.name(of: object) { return ["ref": .word(name)] }
      let name = names.next(kind)
      names.bind(object, to: name)
      return ["new": .word(name)]
    }
  }

  /// Has a function bear these arguments where it is handed over and where it fires.
  func pass(_ arguments: TraceMapping, to callable: Callable) {
    lock.locked { passedArguments[callable] = arguments }
  }

  /// The name of an object that has one.
  func name(of object: AnyObject) -> String? { lock.locked { names.name(of: object) } }

  /// Whether the object of a name is still there.
  func isAlive(_ name: String) -> Bool { lock.locked { names.object(named: name) != nil } }

  /// The number of a port that has a name.
  func port(named name: String) -> Int? { lock.locked { places.port(named: name) } }

  /// A port as the format writes it.
  func value(port: Int) -> TraceValue { lock.locked { places.value(port: port, isTold: false, names: &names) } }

  /// The open descriptor of a name.
  func descriptor(named name: String) -> Int32? { lock.locked { descriptors.descriptor(named: name) } }

  /// Gives a host of the machine's a name.
  func name(host: String, _ name: String) { lock.locked { places.name(host: host, name) } }
}
