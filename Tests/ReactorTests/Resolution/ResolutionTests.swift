import Addresses
import Testing

@testable import Reactor

/// Name resolution.
///
/// Mirrors `twisted.internet._resolver` and the resolvers of `twisted.internet.base`.
@Suite struct ResolutionTests {
  /// A simple resolver of a test's own.
  final class Names: SimpleResolver {
    var asked: [String] = []
    var answer: (String) throws -> Deferred<String>
    init(_ answer: @escaping (String) throws -> Deferred<String>) { self.answer = answer }

    func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String> {
      asked.append(name)
      return try answer(name)
    }
  }

  /// A complete resolver of a test's own.
  final class Book: HostnameResolver {
    final class Entry: HostResolution {
      let name: String
      init(_ name: String) { self.name = name }
      func cancel() throws {}
    }

    let addresses: [Address]
    var asked: [(String, AddressTypes)] = []
    init(_ addresses: [Address]) { self.addresses = addresses }

    func resolveHostName(
      _ receiver: any ResolutionReceiver, hostName: String, portNumber: UInt16, addressTypes: AddressTypes,
      transportSemantics: TransportKind
    ) throws -> any HostResolution {
      asked.append((hostName, addressTypes))
      let entry = Entry(hostName)
      try receiver.resolutionBegan(entry)
      for address in addresses { try receiver.addressResolved(address) }
      try receiver.resolutionComplete()
      return entry
    }
  }

  /// Writes down what it is told.
  final class Notes: ResolutionReceiver {
    var lines: [String] = []
    var onComplete: () throws -> Void = {}
    func resolutionBegan(_ resolution: any HostResolution) throws { lines.append("began \(resolution.name)") }
    func addressResolved(_ address: Address) throws { lines.append("\(address)") }
    func resolutionComplete() throws {
      lines.append("complete")
      try onComplete()
    }
  }

  let case4 = TCPCase(backEnd: .epoll, host: "127.0.0.1")

  func address(_ literal: String, port: UInt16 = 0) throws -> Address {
    .ipv4(IPv4Address(transport: .tcp, host: try IPv4Address.Host(literal), port: port))
  }

  @Test func `nothing and literals need no resolver`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    let names = Names { _ in throw Planted("asked") }
    world.reactor.installResolver(names)
    #expect(try world.reactor.resolve("").result?.get() == "0.0.0.0")
    #expect(try world.reactor.resolve("192.0.2.7").result?.get() == "192.0.2.7")
    #expect(names.asked.isEmpty)
    // An IPv6 literal is a name like any other here, and what the resolver throws leaves the call.
    #expect(throws: Planted("asked")) { try world.reactor.resolve("::1") }
    #expect(names.asked == ["::1"])
  }

  @Test func `each installation returns the one before and replaces both views`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    let reactor = world.reactor
    let names = Names { _ in .succeed("192.0.2.1") }
    let originalComplete = reactor.nameResolver
    let originalSimple = reactor.installResolver(names)
    let notes = Notes()
    #expect(reactor.nameResolver !== originalComplete)
    let resolution = try reactor.nameResolver.resolveHostName(
      notes, hostName: "host", portNumber: 80, addressTypes: .any, transportSemantics: .tcp)
    #expect(notes.lines == ["began host", "TCP 192.0.2.1:80", "complete"])
    #expect(resolution.name == "host")
    #expect(throws: ResolutionError.cannotCancel) { try resolution.cancel() }

    let book = Book([try address("192.0.2.2"), try address("192.0.2.3")])
    let previous = reactor.installNameResolver(book)
    #expect(previous !== originalComplete)
    #expect(reactor.nameResolver === book)
    // The first of its answers, of which only IPv4 ones are asked for.
    #expect(try reactor.resolve("other").result?.get() == "192.0.2.2")
    #expect(book.asked.map(\.0) == ["other"] && book.asked.map(\.1) == [.ipv4])

    #expect(reactor.installResolver(originalSimple) !== names)
    _ = reactor.installNameResolver(originalComplete)
    #expect(reactor.nameResolver === originalComplete)
  }

  @Test func `a book without an answer fails the look-up`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    world.reactor.installNameResolver(Book([]))
    var failure: (any Error)?
    try world.reactor.resolve("nobody").addErrback { failure = $0 }
    #expect(failure as? DNSLookupError == DNSLookupError("nobody"))
  }

  @Test func `a simple resolver's failure is an answer without addresses`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    for error in [DNSLookupError("nobody"), Planted("other")] as [any Error] {
      world.reactor.installResolver(Names { _ in .fail(error) })
      let notes = Notes()
      _ = try world.reactor.nameResolver.resolveHostName(
        notes, hostName: "nobody", portNumber: 0, addressTypes: .any, transportSemantics: .tcp)
      #expect(notes.lines == ["began nobody", "complete"])
    }
    #expect(world.errors == ["other"])
  }

  @Test(arguments: BackEnd.allCases)
  func `the system's resolver answers on the reactor's thread once it runs`(_ backEnd: BackEnd) throws {
    let world = try TCPWorld(TCPCase(backEnd: backEnd, host: "127.0.0.1"))
    defer { world.close() }
    let answer = try world.reactor.resolve("localhost")
    #expect(!answer.called)
    answer.addBoth { (result) in world.note("answer \((try? result.get()) ?? "none")") }
    try world.run(until: "answer")
    #expect(world.events == ["answer 127.0.0.1"])
    #expect(world.lines.allSatisfy { $0.hasSuffix("t") })
    try world.reactor.resolve("no-such-host.invalid").addErrback { world.note("failed \(text($0))") }
    try world.run(until: "failed")
    #expect(world.events.last == "failed dns")
  }

  @Test(arguments: BackEnd.allCases)
  func `a client resolves its host in the turn after the call and reports the address`(_ backEnd: BackEnd) throws {
    let world = try TCPWorld(TCPCase(backEnd: backEnd, host: "127.0.0.1"))
    defer { world.close() }
    world.reactor.installResolver(
      Names { (name) in
        world.note("asked \(name)")
        return name == "good.example" ? .succeed("127.0.0.1") : .fail(DNSLookupError(name))
      })
    let port = try world.listen(TestFactory("S", world))
    let number = try #require(port.getHost().port)
    let good = TestFactory("C", world)
    let bad = TestFactory("D", world)
    let connector = try world.reactor.connectTCP(host: "good.example", port: .number(Int(number)), factory: good)
    try world.reactor.connectTCP(host: "bad.example", port: .number(Int(number)), factory: bad)
    try world.run(until: "C.made")
    #expect(
      world.lines(of: "asked", "C.", "D.") == [
        "C.startFactory@0", "C.started@0", "D.startFactory@0", "D.started@0", "asked good.example@1t",
        "asked bad.example@1t", "D.ccFailed dns@1t", "D.stopFactory@1t", "C.build@1p", "C.made@1p",
      ])
    #expect(try good.protocols.first?.transport?.getPeer() == port.getHost())
    #expect(
      try connector.getDestination() == .hostname(HostnameAddress(hostname: "good.example", port: number)))
  }

  @Test func `an answer that is no address fails the attempt`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    world.reactor.installResolver(Names { _ in .succeed("not-an-address") })
    try world.reactor.connectTCP(host: "somewhere.example", port: 9, factory: TestFactory("C", world))
    try world.run(until: "C.stopFactory")
    #expect(world.lines(of: "C.cc") == ["C.ccFailed connect@1t"])
  }

  @Test func `an answer that comes too late is for nobody`() throws {
    let world = try TCPWorld(case4)
    defer { world.close() }
    let answer = Deferred<String>()
    world.reactor.installResolver(Names { _ in answer })
    let client = TestFactory("C", world)
    let connector = try world.reactor.connectTCP(host: "slow.example", port: 9, factory: client)
    try world.turns(1)
    try connector.stopConnecting()
    try answer.callback("127.0.0.1")
    try world.turns(3)
    #expect(world.events == ["C.startFactory", "C.started", "C.ccFailed user", "C.stopFactory"])
  }

  @Test func `a host is an IPv4 literal, an IPv6 literal or a name`() {
    func kind(_ text: String) -> String {
      switch HostLiteral(text) {
      case .ipv4: "ipv4"
      case .ipv6: "ipv6"
      case .name: "name"
      }
    }
    #expect(["127.0.0.1", "0.0.0.0"].map(kind) == ["ipv4", "ipv4"])
    #expect(["::1", "::", "fe80::1%lo", "2001:db8::1"].map(kind) == ["ipv6", "ipv6", "ipv6", "ipv6"])
    #expect(["", "127.1", "localhost", "1.2.3.4.5", ":::"].map(kind) == ["name", "name", "name", "name", "name"])
  }
}
