import Addresses
import Glibc
import Reactor

extension SystemReplay {
  /// The live object of a recorded name.
  func object(named name: String) -> AnyObject? {
    recorder.locked {
      if let object = own[name] { return object }
      return judged.judge.liveName(of: name).flatMap { given[$0] }
    }
  }

  /// Makes the application's object that a recording introduces.
  func introduce(_ name: String, _ form: TraceMapping) -> AnyObject? {
    var introduction = form
    introduction["new"] = nil
    introduction["fileno"] = nil
    let interfaces = introduction.interfaces
    let object: AnyObject
    switch Vocabulary.kind(ofObject: name) {
    case "factory": object = StandInFactory(introduction, self)
    case "protocol": object = StandInProtocol.make(introduction, interfaces.union(producing(name)), self)
    case "producer":
      object =
        interfaces.contains("push") ? StandInPushProducer(introduction, self) : StandInProducer(introduction, self)
    case "reader":
      let number = form["fileno"].flatMap { try? descriptor($0) } ?? -1
      object =
        interfaces.contains("half-close-descriptor")
        ? StandInHalfCloseableReader(introduction, self, number: number)
        : StandInReader(introduction, self, number: number)
    case "resolver":
      object =
        interfaces.contains { $0.contains("hostname") }
        ? StandInHostnameResolver(introduction, self) : StandInSimpleResolver(introduction, self)
    case "context": object = StandInContextFactory(introduction, self)
    case "function": object = function()
    default: object = Token()
    }
    recorder.locked { own[name] = object }
    return object
  }

  /// What kind of producer a protocol is that registers itself: in Python it need not say so.
  private func producing(_ name: String) -> Set<String> {
    let registration = recording.events.first { event in
      event.method == "registerProducer" && event.args["producer"]?["ref"]?.text == name
    }
    guard let registration else { return [] }
    return [registration.args["streaming"]?.bool == false ? "pull" : "push"]
  }

  /// A function of the application's: what it does is played, and what it returns holds a `before` trigger.
  private func function() -> Callable {
    Callable.holding({ [weak self] in
      guard let self else { return nil }
      return object(try play()) as? Deferred<Void>
    })
  }

  /// A Deferred that the application makes: of a text where a resolver's answer is waited for.
  func deferred(_ name: String, _ form: TraceValue) -> AnyObject {
    let isAnswer = recording.events.contains { event in
      event.kind == .back && event.method == "getHostByName" && event.outcome.value["deferred"]?.text == name
    }
    let object: AnyObject
    if isAnswer {
      switch (form["fired"], form["failed"]) {
      case (let value?, _): object = Deferred<String>.succeed((try? host(value)) ?? "")
      case (_, let value?): object = Deferred<String>.fail(error(value))
      default: object = Deferred<String>()
      }
    } else {
      switch (form["fired"], form["failed"]) {
      case (_?, _): object = Deferred<Void>.succeed(())
      case (_, let value?): object = Deferred<Void>.fail(error(value))
      default: object = Deferred<Void>()
      }
    }
    recorder.locked { own[name] = object }
    return object
  }

  /// A function that a call hands over: the application's, or a method of one of the system's objects.
  func callable(_ value: TraceValue, passing values: TraceMapping) throws -> Callable {
    var passed: TraceMapping = [:]
    for key in ["args", "kwargs"] { passed[key] = values[key] }
    if let method = value["method"]?.list, method.count == 2, let name = method[0].text, let member = method[1].text {
      return try self.method(name, member, passed)
    }
    let name = value["new"]?.text ?? value["ref"]?.text ?? ""
    guard let callable = (object(named: name) ?? introduce(name, value.mapping ?? [:])) as? Callable else {
      throw Unplayable("\(name) is no function")
    }
    if !passed.isEmpty { recorder.pass(passed, to: callable) }
    return callable
  }

  /// A method of one of the system's objects, with its arguments by position.
  private func method(_ name: String, _ member: String, _ passed: TraceMapping) throws -> Callable {
    let kind = Vocabulary.kind(ofObject: name)
    guard let target = object(named: name) else { throw Unplayable("there is no live \(name)") }
    guard let call = CallTable.call(kind, member) else { throw Unplayable("Swift has no \(kind).\(member)") }
    let all = Vocabulary.member(of: kind, side: .call, name: member)?.arguments ?? []
    var names = all.filter { $0 != "args" && $0 != "kwargs" }[...]
    var values = passed["kwargs"]?.mapping ?? [:]
    var arguments: [BoundaryArgument] = []
    var rest = (passed["args"]?.list ?? [])[...]
    while let value = rest.popFirst() {
      guard let name = names.popFirst() else { throw Unplayable("\(kind).\(member) takes \(all.count) arguments") }
      values[name] = value
      guard Self.callables.contains(name) else {
        arguments.append(BoundaryArgument(name == "port" ? "port" : "argument", try passedOn(value, name)))
        continue
      }
      // What stands behind a function is for it.
      if names.isEmpty, !rest.isEmpty { values["args"] = .list(Array(rest)) }
      let function = try callable(value, passing: names.isEmpty ? values : [:])
      arguments.append(BoundaryArgument("argument", .callable(function)))
      guard names.isEmpty else { continue }
      let behind = try function.method?.arguments ?? rest.map { BoundaryArgument("argument", try passedOn($0)) }
      arguments += behind
      break
    }
    let decoded = Arguments(replay: self, values: values)
    return Callable(method: target, try CallTable.name(of: member), arguments) { try call(target, decoded) }
  }

  /// The arguments that the system will call.
  private static let callables: Set = ["callable", "func", "onResult"]

  /// What the system hands on.
  private func passedOn(_ value: TraceValue, _ name: String? = nil) throws -> BoundaryValue {
    switch object(value) {
    case let callable as Callable: .callable(callable)
    case let object?: .object(object, Self.kind(of: value))
    case nil where name == "port": .int(try port(value))
    case nil: BoundaryValue(recorded: value)
    }
  }

  private static func kind(of value: TraceValue) -> ObjectKind {
    let name = value["new"]?.text ?? value["ref"]?.text ?? ""
    return ObjectKind(rawValue: Vocabulary.kind(ofObject: name)) ?? .function
  }

  func live(_ passed: TraceValue) -> TraceValue {
    if let name = passed["new"]?.text ?? passed["ref"]?.text {
      guard let object = object(passed) else { return passed }
      return recorder.encode(object, kind: Vocabulary.kind(ofObject: name))
    }
    if passed["port"] != nil, let number = try? port(passed) { return recorder.value(port: number) }
    if let value = judged.judge.liveValue(of: passed), let form = passed.form { return .mapping([form: value]) }
    switch passed {
    case .list(let values): return .list(values.map(live))
    case .mapping(let mapping): return .mapping(TraceMapping(mapping.entries.map { ($0.key, live($0.value)) }))
    default: return passed
    }
  }

  // Places.

  /// A host: a text, or an input of the machine's.
  func host(_ value: TraceValue) throws -> String {
    if let text = value.text { return text }
    guard let name = value["host"]?.text else { throw Unplayable("a host was expected, not \(shown(value))") }
    let host = try inputs.host()
    recorder.name(host: host, name)
    return host
  }

  /// A port's number: a literal, one that the system assigned in this run, or a free one.
  func port(_ value: TraceValue) throws -> Int {
    if let number = value.int { return number }
    guard let name = value["port"]?.text else { throw Unplayable("a port was expected, not \(shown(value))") }
    if let live = judged.judge.liveValue(of: value)?.text, let number = recorder.port(named: live) { return number }
    let number = try inputs.port(name)
    recorder.obtained(port: number)
    return number
  }

  /// The address that a recorded one stands for.
  func address(_ value: TraceValue) throws -> Address {
    if let parts = value["ipv4"]?.list, parts.count == 2 {
      guard let host = try? IPv4Address.Host(try host(parts[0])), let port = UInt16(exactly: try port(parts[1])) else {
        throw Unplayable("\(shown(parts[0])) is no IPv4 address")
      }
      return .ipv4(IPv4Address(transport: .tcp, host: host, port: port))
    }
    if let parts = value["ipv6"]?.list, parts.count >= 2 {
      let text = try host(parts[0])
      guard let scoped = try? IPv6Address.ScopedHost(text), let port = UInt16(exactly: try port(parts[1])) else {
        throw Unplayable("\(shown(parts[0])) is no IPv6 address")
      }
      let scope = scoped.zone == nil ? 0 : inputs.network?.linkLocal.scope ?? 0
      return .ipv6(IPv6Address(transport: .tcp, host: scoped.host, port: port, scopeID: scope))
    }
    throw Unplayable("an address was expected, not \(shown(value))")
  }

  /// A descriptor: one that has a name in this run, or one made equal to the recorded.
  func descriptor(_ value: TraceValue) throws -> Int32 {
    if let number = value.int {
      guard let number = Int32(exactly: number) else { throw Unplayable("\(number) is no descriptor") }
      return number
    }
    guard let name = value["fd"]?.text else { throw Unplayable("a descriptor was expected, not \(shown(value))") }
    if let live = judged.judge.liveValue(of: value)?.text, let known = recorder.descriptor(named: live) { return known }
    if let known = inputs.descriptors[name] { return known }
    let descriptor = try make(descriptor: value["is"]?.mapping ?? [:])
    inputs.descriptors[name] = descriptor
    return descriptor
  }
}

extension BoundaryValue {
  /// A plain recorded value, as it is handed on.
  init(recorded value: TraceValue) {
    switch value {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .double(let value): self = .double(value)
    case .string(let text), .word(let text): self = .text(text)
    case .bytes(let bytes): self = .bytes(bytes)
    case .list(let values): self = .list(values.map { BoundaryValue(recorded: $0) })
    case .mapping: self = .none
    }
  }
}
