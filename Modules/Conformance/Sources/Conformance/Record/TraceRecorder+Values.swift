import Addresses
import Glibc
import Reactor

extension TraceRecorder {
  /// Arguments as the format writes them, by their names.
  func encode(_ arguments: [BoundaryArgument], isTold: Bool) -> TraceMapping {
    var args: TraceMapping = [:]
    for argument in arguments {
      let name = "\(argument.name)"
      // What a Deferred without a value fires with is left out, as Python's `None` is.
      if name == "result", case .none = argument.value { continue }
      args[name] = encode(argument.value, named: name, isTold: isTold)
      guard case .callable(let callable) = argument.value else { continue }
      if let method = callable.method, !method.arguments.isEmpty {
        args["args"] = .list(method.arguments.map { encode($0.value, named: "\($0.name)", isTold: isTold) })
      }
      addPassed(to: &args, of: callable)
    }
    return args
  }

  /// A value as the format writes it.
  ///
  /// `isTold` says that the system tells it, so that its ports are the system's choice.
  func encode(_ value: BoundaryValue, named name: String, isTold: Bool) -> TraceValue {
    switch value {
    case .none: return .null
    case .bool(let value): return .bool(value)
    case .double(let value): return .double(value)
    case .duration(let duration): return Self.encode(duration)
    case .bytes(let bytes): return .bytes(bytes)
    case .error(let error): return encode(error)
    case .int(let value):
      guard name == "port" else { return .int(value) }
      if !isTold { places.chosen(port: value) }
      return places.value(port: value, isTold: isTold, names: &names)
    case .text(let text):
      if name == "addressFamily" { return ["constant": .word("AF_" + text.uppercased())] }
      guard ["host", "interface", "hostName", "result"].contains(name) else { return .string(text) }
      return places.value(host: text, names: &names)
    case .address(let address): return encode(address, isTold: isTold, isDialled: name == "getDestination")
    case .list(let values): return .list(values.map { encode($0, named: name, isTold: isTold) })
    case .set(let values): return ["set": .list(values.map { encode($0, named: name, isTold: isTold) })]
    case .tuple(let values): return encode(tuple: values, named: name, isTold: isTold)
    case .object(let object, let kind): return encode(object, kind, isTold: isTold)
    case .callable(let callable): return encode(callable)
    case .deferred(let deferred, let fired): return encode(deferred, fired: fired, isTold: isTold)
    case .descriptor(let descriptor): return encode(descriptor: descriptor, isTold: isTold)
    }
  }

  /// Seconds: a whole number for none, a double otherwise, as Twisted's tests write them.
  private static func encode(_ duration: Duration) -> TraceValue {
    let (seconds, attoseconds) = duration.components
    if seconds == 0, attoseconds == 0 { return .int(0) }
    return .double(Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// A host and a port given as two values.
  private func encode(tuple values: [BoundaryValue], named name: String, isTold: Bool) -> TraceValue {
    guard values.count >= 2, case .text(let host) = values[0] else {
      return .list(values.map { encode($0, named: name, isTold: isTold) })
    }
    if values.count == 4, case .bool(let reusesAddress) = values[2], case .bool(let reusesPort) = values[3] {
      let place = encode(tuple: Array(values.prefix(2)), named: name, isTold: isTold)
      return ["binding": place, "reuseAddress": .bool(reusesAddress), "reusePort": .bool(reusesPort)]
    }
    let parts: [TraceValue] = [
      places.value(host: host, names: &names), encode(values[1], named: "port", isTold: isTold),
    ]
    return host.contains(":") ? ["ipv6": .list(parts)] : ["ipv4": .list(parts)]
  }

  /// An address; one to dial is written as it was given, its scope in the host's zone alone.
  private func encode(_ address: Address, isTold: Bool, isDialled: Bool = false) -> TraceValue {
    var form: TraceMapping
    switch address {
    case .ipv4(let address):
      let port = places.value(port: Int(address.port), isTold: isTold, names: &names)
      form = ["ipv4": .list([.string(address.host.description), port])]
    case .ipv6(let address):
      let host = Self.text(address)
      var parts = [
        places.value(host: host, names: &names),
        places.value(port: Int(address.port), isTold: isTold, names: &names),
      ]
      if !isDialled, address.flowInfo != 0 || address.scopeID != 0 {
        parts.append(.int(Int(address.flowInfo)))
        parts.append(places.value(scope: address.scopeID, of: host, names: &names))
      }
      form = ["ipv6": .list(parts)]
    case .unix(let address):
      switch address.name {
      case .unnamed: form = ["unix": .null]
      default: form = ["unix": .string(address.description)]
      }
    case .hostname(let address):
      let port = places.value(port: Int(address.port), isTold: isTold, names: &names)
      form = ["hostname": .list([.string(address.hostname), port])]
    }
    if address.transport == .udp { form["type"] = .word("udp") }
    return .mapping(form)
  }

  /// A host with its zone by the interface's name, as Python's `socket` writes it.
  private static func text(_ address: IPv6Address) -> String {
    guard address.scopeID != 0, address.host.isLinkLocal else { return address.host.description }
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(address.scopeID, &name) != nil else { return "\(address.host)%\(address.scopeID)" }
    let zone = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(address.host)%\(zone)"
  }

  /// An object: introduced where it is first seen, with the interfaces that the system branches on.
  private func encode(_ object: AnyObject, _ kind: ObjectKind, isTold: Bool) -> TraceValue {
    if let name = names.name(of: object) { return ["ref": .word(name)] }
    let name = names.next(kind.rawValue)
    names.bind(object, to: name)
    listener?.introduced(object, as: name)
    var form: TraceMapping = ["new": .word(name)]
    // What the system hands out is its own, and nothing is said of it; but readers are always the application's.
    if isTold, kind != .reader { return .mapping(form) }
    let introduction = (object as? any StandIn)?.introduction ?? Self.introduction(of: object, kind)
    for entry in introduction.entries { form[entry.key] = entry.value }
    if kind == .reader, let descriptor = try? (object as? any Descriptor)?.fileno() {
      form["fileno"] = descriptor < 0 ? .int(Int(descriptor)) : encode(descriptor: descriptor, isTold: false)
    }
    return .mapping(form)
  }

  /// What stands beside an object's name: the interfaces that the system branches on, and the name in log lines.
  private static func introduction(of object: AnyObject, _ kind: ObjectKind) -> TraceMapping {
    var interfaces: [String] = []
    var prefix: String?
    switch kind {
    case .protocol:
      prefix = (object as? any StreamProtocol).map { $0.logPrefix ?? String(describing: type(of: $0)) }
      if object is any HalfCloseableProtocol { interfaces.append("half-close") }
    case .factory: prefix = (object as? any ProtocolFactory).map { $0.logPrefix ?? String(describing: type(of: $0)) }
    case .producer: interfaces.append(object is any PushProducer ? "push" : "pull")
    case .reader:
      prefix = (object as? any Descriptor)?.logPrefix
      if object is any ReadDescriptor { interfaces.append("read-descriptor") }
      if object is any WriteDescriptor { interfaces.append("write-descriptor") }
      if object is any HalfCloseableDescriptor { interfaces.append("half-close-descriptor") }
    case .resolver:
      if object is any SimpleResolver { interfaces.append("resolver-simple") }
      if object is any HostnameResolver { interfaces.append("resolver-hostname") }
    default: break
    }
    if prefix != nil, kind != .reader { interfaces.append("logging") }
    var form: TraceMapping = [:]
    if !interfaces.isEmpty { form["implements"] = .list(interfaces.map { .word($0) }) }
    if let prefix { form["logPrefix"] = .string(prefix) }
    return form
  }

  private func encode(_ callable: Callable) -> TraceValue {
    if let method = callable.method, let name = names.name(of: method.target) {
      return ["method": [.word(name), .word("\(method.name)")]]
    }
    return encode(callable, .function, isTold: false)
  }

  private func encode(_ deferred: AnyObject, fired: BoundaryValue?, isTold: Bool) -> TraceValue {
    let known = names.name(of: deferred)
    let name = known ?? names.next("deferred")
    if known == nil {
      names.bind(deferred, to: name)
      listener?.introduced(deferred, as: name)
    }
    var form: TraceMapping = ["deferred": .word(name)]
    switch fired {
    case nil: break
    case .error(let error)?: form["failed"] = encode(error)
    case let value?: form["fired"] = encode(value, named: "result", isTold: isTold)
    }
    return .mapping(form)
  }

  /// A descriptor: described where it is first seen, as far as another program could make an equal one.
  func encode(descriptor: Int32, isTold: Bool) -> TraceValue {
    guard descriptor >= 0 else { return .int(Int(descriptor)) }
    if let name = descriptors.name(of: descriptor) { return ["fd": .word(name)] }
    let name = names.next("fd")
    descriptors.bind(descriptor, to: name)
    if isTold { return ["fd": .word(name)] }
    let description = DescriptorDescription(descriptor)
    var fields = description.fields
    if let local = description.local, description.isListening || local.port != 0 {
      fields[description.isListening ? "listening" : "bound"] = encode(local, isTold: true)
    }
    if let peer = description.peer { fields["connected"] = encode(peer, isTold: true) }
    return ["fd": .word(name), "is": .mapping(fields)]
  }
}
