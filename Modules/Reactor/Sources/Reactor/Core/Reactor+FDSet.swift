// Mirrors `twisted.internet.interfaces.IReactorFDSet`.
extension Reactor {
  /// Polls an application's descriptor for reading.
  ///
  /// Its `fileno` is asked inside this call. Adding it twice does nothing. An object that is added for a descriptor that
  /// another one is registered for takes it over, for both directions, if the other one is not registered for reading.
  ///
  /// - Parameter reader: What is told; held until it is removed or lost.
  /// - Throws: ``DescriptorError`` for -1 and for what the system refuses, and what `fileno` throws.
  public func addReader(_ reader: any ReadDescriptor) throws {
    try call(self, "addReader", [BoundaryArgument("reader", Self.value(reader))]) {
      try startReading(try adapter(of: reader))
    }
  }

  /// Polls an application's descriptor for writing.
  ///
  /// Its `fileno` is asked inside this call. Adding it twice does nothing. An object that is added for a descriptor that
  /// another one is registered for takes it over, for both directions, if the other one is not registered for writing.
  ///
  /// - Parameter writer: What is told; held until it is removed or lost.
  /// - Throws: ``DescriptorError`` for -1 and for what the system refuses, and what `fileno` throws.
  public func addWriter(_ writer: any WriteDescriptor) throws {
    try call(self, "addWriter", [BoundaryArgument("writer", Self.value(writer))]) {
      if let connection = writer as? TCPConnection, connection.state.connected {
        // A connection writes in the flush only.
        try wantFlush(connection)
      } else {
        try startWriting(try adapter(of: writer))
      }
    }
  }

  /// Polls a descriptor for reading no more; does nothing when it is not polled.
  ///
  /// - Parameter reader: The object that was added.
  public func removeReader(_ reader: any ReadDescriptor) {
    call(self, "removeReader", [BoundaryArgument("reader", Self.value(reader))]) {
      if let selectable = registered(reader) { stopReading(selectable) }
    }
  }

  /// Polls a descriptor for writing no more; does nothing when it is not polled.
  ///
  /// - Parameter writer: The object that was added.
  public func removeWriter(_ writer: any WriteDescriptor) {
    call(self, "removeWriter", [BoundaryArgument("writer", Self.value(writer))]) {
      if let selectable = registered(writer) { stopWriting(selectable) }
    }
  }

  /// Polls nothing any more but what the reactor itself needs.
  ///
  /// - Returns: The objects that were registered, once each, in no order.
  public func removeAll() -> [AnyObject] {
    call(self, "removeAll", gives: Self.objects) { removeEverything().map(\.1.publicObject) }
  }

  /// What is polled for reading.
  ///
  /// - Returns: The objects, in no order; the reactor's own are left out.
  public func getReaders() -> [AnyObject] {
    call(self, "getReaders", gives: Self.objects) { registered(where: \.isReading).map(\.1.publicObject) }
  }

  /// What is polled for writing, or waits for its flush.
  ///
  /// - Returns: The objects, in no order.
  public func getWriters() -> [AnyObject] {
    call(self, "getWriters", gives: Self.objects) { registered(where: \.isWriting).map(\.1.publicObject) }
  }

  /// Removes everything, and tells each that its connection is lost.
  ///
  /// The reactor's shutdown does this by itself; what an application's `connectionLost` throws is logged. Mirrors
  /// `twisted.internet.base.ReactorBase.disconnectAll`.
  public func disconnectAll() {
    call(self, "disconnectAll") { loseAll() }
  }

  func loseAll() {
    // As in a dispatch: what is removed is known by its name until all have been told.
    dispatchDepth += 1
    let outer = serving
    for (registration, selectable) in removeEverything() {
      serving = registration
      do {
        try selectable.connectionLost(ConnectionClosed.lost)
      } catch {
        log(.critical, "Unhandled error in connectionLost", error: error)
      }
    }
    serving = outer
    dispatchDepth -= 1
    releaseParked()
  }

  private func removeEverything() -> [(DescriptorTable.Registration, any Selectable)] {
    let removed = registered(where: \.isActive)
    for (_, selectable) in removed {
      stopReading(selectable)
      stopWriting(selectable)
    }
    return removed
  }

  private func registered(
    where isWanted: (DescriptorTable.Entry) -> Bool
  ) -> [(DescriptorTable.Registration, any Selectable)] {
    table.active.compactMap { (descriptor, entry, selectable) in
      guard isWanted(entry), let selectable, selectable !== waker else { return nil }
      return (DescriptorTable.Registration(descriptor: descriptor, number: entry.registration), selectable)
    }
  }

  /// What stands in the table for an object: the reactor's own transport itself, or the adapter under which an
  /// application's object is registered, or a new one.
  private func adapter(of object: any Descriptor) throws -> any Selectable {
    if let selectable = object as? any Selectable { return selectable }
    let descriptor = try object.fileno()
    if let adapter = table.selectable(at: descriptor) as? DescriptorAdapter, adapter.object === object {
      return adapter
    }
    return DescriptorAdapter(object, reactor: self)
  }

  /// What an application's object is registered under; one that has closed its descriptor is looked for.
  private func registered(_ object: any Descriptor) -> (any Selectable)? {
    let descriptor = (try? object.fileno()) ?? -1
    if descriptor >= 0 {
      let selectable = table.selectable(at: descriptor)
      return selectable?.publicObject === object ? selectable : nil
    }
    return registered(where: \.isActive).first { $0.1.publicObject === object }?.1
  }

  private static func objects(_ objects: [AnyObject]) -> BoundaryValue {
    .set(objects.map(value))
  }

  private static func value(_ object: AnyObject) -> BoundaryValue {
    switch object {
    case is any StreamTransport: .object(object, .transport)
    case is TCPPort: .object(object, .port)
    default: .object(object, .reader)
    }
  }
}
