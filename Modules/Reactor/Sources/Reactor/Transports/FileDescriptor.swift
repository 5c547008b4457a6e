/// A transport over a descriptor of the application's own, such as a serial line: a subclass says what its descriptor is and
/// how it is read and written.
///
/// It buffers what is written, holds a producer and closes in order, as a TCP connection does. What a subclass overrides the
/// reactor calls; what it does not is done here. Mirrors `twisted.internet.abstract.FileDescriptor`.
///
///     final class SerialLine: FileDescriptor {
///       private var line: Int32
///
///       init(_ line: Int32, reactor: Reactor) {
///         self.line = line
///         super.init(reactor: reactor)
///         markConnected()
///       }
///
///       override func fileno() -> Int32 { line }
///       override func writeSomeData(_ data: [UInt8]) throws -> Written { .bytes(write(line, data, data.count)) }
///       override func connectionLost(_ reason: any Error) throws {
///         try super.connectionLost(reason)
///         close(line)
///         line = -1
///       }
///     }
///
/// It belongs to its reactor's thread.
open class FileDescriptor: ReadDescriptor, WriteDescriptor, HalfCloseableDescriptor, PushProducer {
  /// How much was written, or why nothing can be.
  public enum Written {
    /// So many bytes, perhaps none.
    case bytes(Int)
    /// The reason to lose the connection.
    case failed(any Error)
  }

  /// What the reactor calls and a subclass may override.
  package enum Member: CaseIterable {
    case doRead, doWrite, writeSomeData, readConnectionLost, connectionLost
  }

  /// The reactor that polls it.
  public let reactor: Reactor
  /// How much output may wait, in bytes, before a push producer is paused.
  public var bufferSize = OutputCounts.pauseLimit

  var state = StreamState.new
  var output = OutputBuffer()
  var producers = ProducerSlot()
  /// What is the application's own of what the reactor calls.
  ///
  /// Swift cannot tell what a subclass overrides, so all of it is presumed.
  package var overridden: Set<Member>

  /// Makes a descriptor that is not polled and not connected.
  ///
  /// A subclass sets its own properties first, because a recorder may ask ``fileno()`` inside this call.
  ///
  /// - Parameter reactor: The reactor that is to poll it; held.
  public init(reactor: Reactor) {
    self.reactor = reactor
    overridden = []
    if type(of: self) != FileDescriptor.self { overridden = Set(Member.allCases) }
    reactor.call(
      SystemPlace.abstract, "FileDescriptor", [BoundaryArgument("reactor", .object(reactor, .reactor))],
      gives: { _ in .object(self, .reader) }
    ) {}
  }

  // MARK: - What a subclass overrides

  /// The descriptor's number.
  ///
  /// - Returns: The number; here -1, which is none.
  /// - Throws: Whatever the subclass throws; see ``Descriptor/fileno()``.
  open func fileno() throws -> Int32 { -1 }

  /// The name in log lines; here `-`.
  open var logPrefix: String { "-" }

  /// Reads what is there.
  ///
  /// - Returns: Nothing to go on, or the reason to lose the connection.
  /// - Throws: Here ``DescriptorError/notImplemented``.
  open func doRead() throws -> (any Error)? { throw DescriptorError.notImplemented }

  /// Writes as much as can be written now, without waiting.
  ///
  /// It may call ``write(_:)`` and its kin.
  ///
  /// - Parameter data: What waits, at most 131,072 bytes of it; nothing when a close is asked for and all is written.
  /// - Returns: How many bytes were written, or the reason to lose the connection.
  /// - Throws: What is logged, and is the reason to lose the connection then; here ``DescriptorError/notImplemented``.
  open func writeSomeData(_ data: [UInt8]) throws -> Written { throw DescriptorError.notImplemented }

  /// Calls ``writeSomeData(_:)`` once; when all is written, resumes the producer, or closes if that was asked for.
  ///
  /// - Returns: Nothing to go on, or the reason to lose the connection.
  /// - Throws: What `writeSomeData` and the producer throw, which is the reason then.
  open func doWrite() throws -> (any Error)? {
    try base(.doWrite, "doWrite", "super.doWrite", gives: { $0.map(BoundaryValue.error) ?? .none }) { try writeOnce() }
  }

  /// Ends it: the producer is told to stop, and it is polled no more.
  ///
  /// A subclass that overrides it to close its descriptor calls this too.
  ///
  /// - Parameter reason: Why; not used here.
  /// - Throws: What the producer's `stopProducing` throws; it is then still polled.
  open func connectionLost(_ reason: any Error) throws {
    try base(.connectionLost, "connectionLost", "super.connectionLost", reason) {
      state.loseNow()
      if let producer = producers.producer {
        try reactor.back(producer, "stopProducing") { try producer.stopProducing() }
        withExtendedLifetime(producers.unregister()) {}
      }
      reactor.removeReader(self)
      reactor.removeWriter(self)
    }
  }

  /// The other side will send nothing more; here the connection is lost.
  ///
  /// - Parameter reason: ``ConnectionClosed/done``.
  /// - Throws: What ``connectionLost(_:)`` throws.
  open func readConnectionLost(_ reason: any Error) throws {
    try base(.readConnectionLost, "readConnectionLost", "super.readConnectionLost", reason) {
      try tell(.connectionLost, "connectionLost", Self.arguments(reason)) { try connectionLost(reason) }
    }
  }

  // MARK: - Polling

  /// Has the reactor call ``doRead()`` when there is something to read.
  ///
  /// - Throws: As ``Reactor/addReader(_:)``.
  public func startReading() throws {
    try reactor.call(self, "startReading") { try reactor.addReader(self) }
  }

  /// Has the reactor call ``doRead()`` no more.
  public func stopReading() {
    reactor.call(self, "stopReading") { reactor.removeReader(self) }
  }

  /// Has the reactor call ``doWrite()`` when something can be written.
  ///
  /// - Throws: As ``Reactor/addWriter(_:)``.
  public func startWriting() throws {
    try reactor.call(self, "startWriting") { try reactor.addWriter(self) }
  }

  /// Has the reactor call ``doWrite()`` no more; what waits stays.
  public func stopWriting() {
    reactor.call(self, "stopWriting") { reactor.removeWriter(self) }
  }

  // MARK: - Where it stands

  /// Whether it is connected and not lost.
  ///
  /// Mirrors the `connected` attribute.
  public var connected: Bool { seen("connected", state.connected) }

  /// Whether a close was asked for.
  ///
  /// Mirrors the `disconnecting` attribute.
  public var disconnecting: Bool { seen("disconnecting", state.disconnecting) }

  /// Whether it is lost.
  ///
  /// Mirrors the `disconnected` attribute.
  public var disconnected: Bool { seen("disconnected", state.disconnected) }

  /// Notes that the subclass has its connection: from now on output is taken.
  ///
  /// Mirrors setting the `connected` attribute to 1.
  public func markConnected() { state.connect() }

  private func seen(_ name: StaticString, _ value: Bool) -> Bool {
    reactor.boundary?.read(self, name, .int(value ? 1 : 0))
    return value
  }
}

// What crosses the boundary: a method that a subclass overrides is called back, and what it overrides is called.
extension FileDescriptor {
  /// Calls one of its methods for the reactor: a callback where the method is the application's.
  func tell<R>(
    _ member: Member, _ name: StaticString, _ arguments: [BoundaryArgument] = [],
    gives: (R) -> BoundaryValue = { _ in .none }, _ body: () throws -> R
  ) throws -> R {
    guard overridden.contains(member) else { return try body() }
    return try reactor.back(self, name, arguments, gives: gives, body)
  }

  /// Does what stands in this class, for whoever calls it.
  private func base<R>(
    _ member: Member, _ name: StaticString, _ inherited: StaticString, _ reason: (any Error)? = nil,
    gives: (R) -> BoundaryValue = { _ in .none }, _ body: () throws -> R
  ) throws -> R {
    let name = overridden.contains(member) ? inherited : name
    return try reactor.call(self, name, Self.arguments(reason), gives: gives, body)
  }

  static func arguments(_ reason: (any Error)?) -> [BoundaryArgument] {
    reason.map { [BoundaryArgument("reason", .error($0))] } ?? []
  }
}
