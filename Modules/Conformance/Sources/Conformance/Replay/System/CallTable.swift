import Addresses
import Reactor

/// Every call and attribute that a trace can name, with the Swift call that it stands for.
///
/// What is not here has no counterpart in Swift yet: a trace that needs it is not run, and says so.
enum CallTable {
  /// Makes one call.
  ///
  /// What it gives and throws is seen at the boundary, so nothing is returned.
  typealias Call = @Sendable (_ target: AnyObject, _ arguments: Arguments) throws -> Void

  /// The call of `kind.method`, or `nil`.
  static func call(_ kind: String, _ method: String) -> Call? {
    switch kind {
    case "reactor": reactor[method]
    case "transport": transport[method]
    case "port": port[method]
    case "connector": connector[method]
    case "timer": timer[method]
    case "deferred": deferred[method]
    case "threadpool": pool[method]
    case "reader": reader[method]
    case SystemPlace.abstract.traceName: constructors[method]
    default: nil
    }
  }

  /// The attribute of `kind.name`, or `nil`.
  static func attribute(_ kind: String, _ name: String) -> (@Sendable (AnyObject) throws -> Void)? {
    attributes["\(kind).\(name)"]
  }

  private static func of<Target>(
    _ type: Target.Type, _ call: @escaping @Sendable (Target, Arguments) throws -> Void
  ) -> Call {
    { target, arguments in
      guard let target = target as? Target else { throw Unplayable("the object is no \(type)") }
      try call(target, arguments)
    }
  }

  private static func reactor(_ call: @escaping @Sendable (Reactor, Arguments) throws -> Void) -> Call {
    of(Reactor.self, call)
  }

  private static func transport(
    _ call: @escaping @Sendable (any StreamTransport, Arguments) throws -> Void
  ) -> Call {
    of((any StreamTransport).self, call)
  }

  private static let reactor: [String: Call] = [
    "run": reactor { try $0.run(installSignalHandlers: try $1.bool("installSignalHandlers", default: true)) },
    "stop": reactor { reactor, _ in try reactor.stop() },
    "crash": reactor { reactor, _ in reactor.crash() },
    "iterate": reactor { $0.iterate(try $1.duration("delay", default: .zero) ?? .zero) },
    "callWhenRunning": reactor { _ = try $0.callWhenRunning(try $1.callable("callable")) },
    "fireSystemEvent": reactor { $0.fireSystemEvent(SystemEvent(try $1.text("eventType"))) },
    "addSystemEventTrigger": reactor {
      let name = try $1.text("phase")
      guard let phase = TriggerPhase(rawValue: name) else { throw Unplayable("Swift has no trigger phase \(name)") }
      _ = $0.addSystemEventTrigger(phase, SystemEvent(try $1.text("eventType")), try $1.callable("callable"))
    },
    "removeSystemEventTrigger": reactor {
      try $0.removeSystemEventTrigger(try $1.object("triggerID", as: TriggerID.self))
    },
    "seconds": reactor { reactor, _ in _ = reactor.seconds() },
    "callLater": reactor { try $0.callLater(try $1.duration("delay"), try $1.callable("callable")) },
    "getDelayedCalls": reactor { reactor, _ in _ = reactor.getDelayedCalls() },
    "callFromThread": reactor {
      let callable = try $1.callable("callable")
      if $1.replay.recorder.isMainThread { $0.callFromThread(callable) } else { $0.handle.callFromThread(callable) }
    },
    "callInThread": reactor { $0.callInThread(try $1.callable("callable")) },
    "getThreadPool": reactor { reactor, _ in _ = reactor.getThreadPool() },
    "suggestThreadPoolSize": reactor { try $0.suggestThreadPoolSize(try $1.int("size")) },
    "resolve": reactor { _ = try $0.resolve(try $1.text("name")) },
    "installResolver": reactor { _ = $0.installResolver(try $1.object("resolver", as: (any SimpleResolver).self)) },
    "installNameResolver": reactor {
      _ = $0.installNameResolver(try $1.object("resolver", as: (any HostnameResolver).self))
    },
    "addReader": reactor {
      switch try $1.object("reader", as: AnyObject.self) {
      case let own as any ReadDescriptor: try $0.addReader(own)
      case let connection as TCPConnection: try $0.addReader(connection)
      case let port as TCPPort: try $0.addReader(port)
      default: throw Unplayable("the reader is nothing that a reactor polls")
      }
    },
    "addWriter": reactor {
      switch try $1.object("writer", as: AnyObject.self) {
      case let own as any WriteDescriptor: try $0.addWriter(own)
      case let connection as TCPConnection: try $0.addWriter(connection)
      default: throw Unplayable("the writer is nothing that a reactor polls")
      }
    },
    "removeReader": reactor {
      switch try $1.object("reader", as: AnyObject.self) {
      case let own as any ReadDescriptor: $0.removeReader(own)
      case let connection as TCPConnection: $0.removeReader(connection)
      case let port as TCPPort: $0.removeReader(port)
      default: throw Unplayable("the reader is nothing that a reactor polls")
      }
    },
    "removeWriter": reactor {
      switch try $1.object("writer", as: AnyObject.self) {
      case let own as any WriteDescriptor: $0.removeWriter(own)
      case let connection as TCPConnection: $0.removeWriter(connection)
      default: throw Unplayable("the writer is nothing that a reactor polls")
      }
    },
    "removeAll": reactor { reactor, _ in _ = reactor.removeAll() },
    "getReaders": reactor { reactor, _ in _ = reactor.getReaders() },
    "getWriters": reactor { reactor, _ in _ = reactor.getWriters() },
    "listenTCP": reactor {
      let backlog = try $1.int("backlog", default: 50)
      let interface = try $1.host("interface", default: "")
      let factory = try $1.object("factory", as: (any ProtocolFactory).self)
      if let binding = try $1.binding("port") {
        try $0.listenTCP(port: binding, factory: factory, backlog: backlog, interface: interface)
      } else {
        try $0.listenTCP(port: try $1.port("port"), factory: factory, backlog: backlog, interface: interface)
      }
    },
    "connectTCP": reactor {
      let (host, port) = (try $1.host("host"), try $1.port("port"))
      let factory = try $1.object("factory", as: (any ClientProtocolFactory).self)
      let timeout = try $1.duration("timeout", default: .seconds(30))
      if let binding = try $1.binding("bindAddress") {
        try $0.connectTCP(host: host, port: port, factory: factory, timeout: timeout, bindAddress: binding)
      } else {
        try $0.connectTCP(
          host: host, port: port, factory: factory, timeout: timeout, bindAddress: try $1.bindAddress("bindAddress"))
      }
    },
    "adoptStreamPort": reactor {
      _ = try $0.adoptStreamPort(
        try $1.descriptor("fileDescriptor"), try $1.family("addressFamily"),
        factory: try $1.object("factory", as: (any ProtocolFactory).self))
    },
    "adoptStreamConnection": reactor {
      try $0.adoptStreamConnection(
        try $1.descriptor("fileDescriptor"), try $1.family("addressFamily"),
        factory: try $1.object("factory", as: (any ProtocolFactory).self))
    },
  ]

  private static let transport: [String: Call] = [
    "write": transport { try $0.write(try $1.bytes("data")) },
    "writeSequence": transport { try $0.writeSequence(try $1.byteStrings("data")) },
    "loseConnection": transport { transport, _ in try transport.loseConnection() },
    "loseWriteConnection": transport { transport, _ in try transport.loseWriteConnection() },
    "abortConnection": transport { transport, _ in try transport.abortConnection() },
    "getHost": transport { transport, _ in _ = try transport.getHost() },
    "getPeer": transport { transport, _ in _ = try transport.getPeer() },
    "registerProducer": transport {
      try $0.registerProducer(try $1.object("producer", as: (any Producer).self), streaming: try $1.bool("streaming"))
    },
    "unregisterProducer": transport { transport, _ in try transport.unregisterProducer() },
    "pauseProducing": transport { transport, _ in try transport.pauseProducing() },
    "resumeProducing": transport { transport, _ in try transport.resumeProducing() },
    "stopProducing": transport { transport, _ in try transport.stopProducing() },
    "getTcpNoDelay": transport { transport, _ in _ = try transport.getTcpNoDelay() },
    "setTcpNoDelay": transport { try $0.setTcpNoDelay(try $1.bool("enabled")) },
    "getTcpKeepAlive": transport { transport, _ in _ = try transport.getTcpKeepAlive() },
    "setTcpKeepAlive": transport { try $0.setTcpKeepAlive(try $1.bool("enabled")) },
    "startTLS": transport {
      try $0.startTLS(
        try $1.object("contextFactory", as: (any TLSContextFactory).self), normal: try $1.bool("normal", default: true))
    },
    // A property here, which nobody is told of: the crossing is made by hand.
    "logPrefix": of(TCPConnection.self) { connection, _ in
      _ = connection.reactor.call(connection, "logPrefix", gives: { .text($0) }) { connection.logPrefix }
    },
    "startReading": of(TCPConnection.self) { connection, _ in try connection.startReading() },
    "stopReading": of(TCPConnection.self) { connection, _ in connection.stopReading() },
    "startWriting": of(TCPConnection.self) { connection, _ in try connection.startWriting() },
    "stopWriting": of(TCPConnection.self) { connection, _ in connection.stopWriting() },
    "stopConsuming": of(TCPConnection.self) { connection, _ in try connection.stopConsuming() },
    "connectionLost": of(TCPConnection.self) { try $0.connectionLost(try $1.error("reason")) },
    "fileno": of(TCPConnection.self) { connection, _ in _ = connection.fileno() },
  ]

  private static let port: [String: Call] = [
    "getHost": of(TCPPort.self) { port, _ in _ = try port.getHost() },
    "startListening": of(TCPPort.self) { port, _ in try port.startListening() },
    "stopListening": of(TCPPort.self) { port, _ in _ = port.stopListening() },
    "loseConnection": of(TCPPort.self) { port, _ in _ = port.loseConnection() },
  ]

  private static let connector: [String: Call] = [
    "connect": of(Connector.self) { connector, _ in try connector.connect() },
    "disconnect": of(Connector.self) { connector, _ in try connector.disconnect() },
    "stopConnecting": of(Connector.self) { connector, _ in try connector.stopConnecting() },
    "getDestination": of(Connector.self) { connector, _ in _ = try connector.getDestination() },
  ]

  private static let timer: [String: Call] = [
    "cancel": of(DelayedCall.self) { timer, _ in try timer.cancel() },
    "reset": of(DelayedCall.self) { try $0.reset(try $1.duration("secondsFromNow")) },
    "delay": of(DelayedCall.self) { try $0.delay(try $1.duration("secondsLater")) },
    "active": of(DelayedCall.self) { timer, _ in _ = timer.active() },
    "getTime": of(DelayedCall.self) { timer, _ in _ = timer.getTime() },
  ]

  private static let deferred: [String: Call] = [
    "callback": { target, arguments in
      switch target {
      case let deferred as Deferred<Void>: try deferred.callback(())
      case let deferred as Deferred<String>: try deferred.callback(try arguments.host("result"))
      default: throw Unplayable("a Deferred of this kind cannot be fired")
      }
    },
    "errback": { target, arguments in
      switch target {
      case let deferred as Deferred<Void>: try deferred.errback(try arguments.error("fail"))
      case let deferred as Deferred<String>: try deferred.errback(try arguments.error("fail"))
      default: throw Unplayable("a Deferred of this kind cannot be fired")
      }
    },
    "cancel": { target, _ in
      switch target {
      case let deferred as Deferred<Void>: deferred.cancel()
      case let deferred as Deferred<String>: deferred.cancel()
      default: throw Unplayable("a Deferred of this kind cannot be cancelled")
      }
    },
  ]

  private static let pool: [String: Call] = [
    "callInThread": of(ThreadPool.self) {
      let work = try $1.work("func")
      $0.callInThread { _ = try work() }
    },
    "callInThreadWithCallback": of(ThreadPool.self) { pool, arguments in
      let (work, onResult) = (try arguments.work("func"), try arguments.work("onResult"))
      // What the work returns goes through the pool, so it has to be of the type that the recording's value has.
      switch arguments.result(of: "func") {
      case .bytes: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { try work()?.bytes ?? [] }
      case .string, .word: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { try work()?.text ?? "" }
      case .int: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { try work()?.int ?? 0 }
      case .double: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { try work()?.double ?? 0 }
      case .bool: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { try work()?.bool ?? false }
      case .null, .list, .mapping: pool.callInThreadWithCallback({ _ in _ = try? onResult() }) { _ = try work() }
      }
    },
    "adjustPoolsize": of(ThreadPool.self) {
      try $0.adjustPoolSize(
        minimum: try $1.optionalInt("minthreads"), maximum: try $1.optionalInt("maxthreads"))
    },
  ]

  /// What a recorded application makes itself, which ``SystemReplay/construct(_:)`` makes.
  private static let constructors: [String: Call] = [
    "FileDescriptor": { _, _ in throw Unplayable("a FileDescriptor is made, not called") }
  ]

  private static let reader: [String: Call] = [
    "startReading": of(FileDescriptor.self) { descriptor, _ in try descriptor.startReading() },
    "stopReading": of(FileDescriptor.self) { descriptor, _ in descriptor.stopReading() },
    "startWriting": of(FileDescriptor.self) { descriptor, _ in try descriptor.startWriting() },
    "stopWriting": of(FileDescriptor.self) { descriptor, _ in descriptor.stopWriting() },
    "write": of(FileDescriptor.self) { try $0.write(try $1.bytes("data")) },
    "writeSequence": of(FileDescriptor.self) { try $0.writeSequence(try $1.byteStrings("data")) },
    "loseConnection": of(FileDescriptor.self) { descriptor, _ in try descriptor.loseConnection() },
    "registerProducer": of(FileDescriptor.self) {
      try $0.registerProducer(try $1.object("producer", as: (any Producer).self), streaming: try $1.bool("streaming"))
    },
    "unregisterProducer": of(FileDescriptor.self) { descriptor, _ in try descriptor.unregisterProducer() },
    "pauseProducing": of(FileDescriptor.self) { descriptor, _ in try descriptor.pauseProducing() },
    "resumeProducing": of(FileDescriptor.self) { descriptor, _ in try descriptor.resumeProducing() },
    "stopProducing": of(FileDescriptor.self) { descriptor, _ in try descriptor.stopProducing() },
    "stopConsuming": of(FileDescriptor.self) { descriptor, _ in try descriptor.stopConsuming() },
    "connectionLost": of(FileDescriptor.self) { try $0.connectionLost(try $1.error("reason")) },
    "super.doWrite": inherited(.doWrite),
    "super.connectionLost": inherited(.connectionLost),
    "super.readConnectionLost": inherited(.readConnectionLost),
  ]

  private static func inherited(_ member: FileDescriptor.Member) -> Call {
    of(StandInDescriptor.self) { try $0.inherited(member, $1) }
  }

  private static let attributes: [String: @Sendable (AnyObject) throws -> Void] = [
    "transport.bufferSize": { _ = ($0 as? TCPConnection)?.bufferSize },
    "reactor.running": { _ = ($0 as? Reactor)?.running },
    "transport.connected": { _ = ($0 as? any StreamTransport)?.connected },
    "transport.disconnected": { _ = ($0 as? any StreamTransport)?.disconnected },
    "transport.disconnecting": { _ = ($0 as? any StreamTransport)?.disconnecting },
    "reader.connected": { _ = ($0 as? FileDescriptor)?.connected },
    "reader.disconnected": { _ = ($0 as? FileDescriptor)?.disconnected },
    "reader.disconnecting": { _ = ($0 as? FileDescriptor)?.disconnecting },
    "connector.state": { _ = ($0 as? Connector)?.state },
    "port.port": { _ = ($0 as? TCPPort)?.port },
    "port.interface": { _ = ($0 as? TCPPort)?.interface },
    "port.connected": { _ = ($0 as? TCPPort)?.connected },
    "port.disconnected": { _ = ($0 as? TCPPort)?.disconnected },
    "port.disconnecting": { _ = ($0 as? TCPPort)?.disconnecting },
  ]

  /// The names under which methods of the system's objects are handed over to be called later.
  private static let names: [String: StaticString] = [
    "callWhenRunning": "callWhenRunning", "callLater": "callLater", "stop": "stop", "crash": "crash",
    "connect": "connect", "disconnect": "disconnect", "stopConnecting": "stopConnecting",
    "loseConnection": "loseConnection", "abortConnection": "abortConnection",
    "connectTCP": "connectTCP", "listenTCP": "listenTCP",
    "loseWriteConnection": "loseWriteConnection", "write": "write", "stopListening": "stopListening",
    "startListening": "startListening", "pauseProducing": "pauseProducing", "resumeProducing": "resumeProducing",
    "stopProducing": "stopProducing", "unregisterProducer": "unregisterProducer", "cancel": "cancel", "reset": "reset",
    "callFromThread": "callFromThread", "callInThread": "callInThread", "fireSystemEvent": "fireSystemEvent",
    "removeAll": "removeAll", "stopReading": "stopReading", "startReading": "startReading",
    "removeReader": "removeReader", "addReader": "addReader", "iterate": "iterate", "callback": "callback",
    "errback": "errback",
  ]

  /// The name of a method as the boundary has it.
  static func name(of method: String) throws -> StaticString {
    guard let name = names[method] else { throw Unplayable("\(method) cannot be handed over yet") }
    return name
  }

  /// Whether an attribute can be set.
  static func canSet(_ kind: String, _ name: String) -> Bool {
    [("transport", "bufferSize"), ("reader", "connected")].contains { $0 == (kind, name) }
  }

  /// Sets an attribute; whether there is one to set.
  static func set(_ target: AnyObject, _ name: String, _ value: TraceValue) -> Bool {
    switch (name, target, value) {
    case ("bufferSize", let connection as TCPConnection, .int(let size)): connection.bufferSize = size
    case ("connected", let descriptor as FileDescriptor, 1), ("connected", let descriptor as FileDescriptor, true):
      descriptor.markConnected()
    default: return false
    }
    return true
  }
}
