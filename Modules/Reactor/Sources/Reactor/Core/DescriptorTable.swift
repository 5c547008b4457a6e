/// Who is polled for what: an array indexed by descriptor, so that no look-up stands between a poll and a read.
///
/// One object a descriptor serves both directions. Each registration has a number, which the poller gives back with its
/// events, so that an event found for one object never reaches the next one with the same descriptor. It cannot be copied,
/// as looking something up in a copy would retain all that it holds.
struct DescriptorTable: ~Copyable {
  /// One registration of one descriptor, by its numbers: it holds no reference.
  struct Registration {
    var descriptor: Int32
    var number: UInt32
  }

  /// What became of the wish to be flushed.
  enum Wish {
    /// It writes already, or is queued already.
    case known
    /// It is to be put into the queue.
    case new(Registration)
    /// It is not registered for anything yet.
    case unregistered
  }

  /// Who writes when.
  enum Writing: UInt8 {
    /// Nothing to write.
    case no
    /// The poller watches, and `doWrite` is called in the dispatch.
    case watched
    /// `doWrite` is called in the flush after the next poll.
    case wanted
    /// The poller watches, and `doWrite` is called in the flush.
    case armed
  }

  /// What one descriptor is registered for: plain numbers, so that looking at them retains nothing.
  struct Entry {
    var registration: UInt32 = 0
    var isReading = false
    var writing = Writing.no
    /// Whether a ticket of it waits in the queue of flushes.
    var isQueued = false
    /// The flush that served it last.
    var flushedIn: UInt32 = 0
    /// What the poller was told to watch.
    var watched: Interest?
    /// Whether the poller refuses to watch it, and it counts as always ready.
    var isContinuous = false

    /// Whether it is to be written to.
    var isWriting: Bool { writing != .no }
    /// Whether its writes are made in the flush.
    var isFlushed: Bool { writing == .wanted || writing == .armed }
    /// Whether it is registered for anything.
    var isActive: Bool { isReading || isWriting }

    /// What the poller has to watch.
    var interest: Interest? {
      let writes = writing == .watched || writing == .armed
      return isReading ? (writes ? .readWrite : .read) : (writes ? .write : nil)
    }
  }

  private var entries: [Entry] = []
  /// Whom each descriptor is registered for.
  private var selectables: [(any Selectable)?] = []
  private var registrations: UInt32 = 0
  /// Descriptors given up during a dispatch: their objects are kept until its end, so that one that comes back is known.
  private var parked: [Int32] = []

  /// The entries in use, by descriptor.
  var active: [(descriptor: Int32, entry: Entry, selectable: (any Selectable)?)] {
    entries.indices.compactMap { entries[$0].isActive ? (Int32($0), entries[$0], selectables[$0]) : nil }
  }

  /// Whether nothing is registered but one object.
  func isEmpty(except selectable: (any Selectable)?) -> Bool {
    active.allSatisfy { $0.selectable === selectable }
  }

  /// Reads and writes one entry; the descriptor must not be negative.
  subscript(descriptor: Int32) -> Entry {
    get { descriptor < entries.count ? entries[Int(descriptor)] : Entry() }
    _modify {
      grow(to: descriptor)
      yield &entries[Int(descriptor)]
    }
  }

  private mutating func grow(to descriptor: Int32) {
    let missing = Int(descriptor) + 1 - entries.count
    guard missing > 0 else { return }
    entries.append(contentsOf: repeatElement(Entry(), count: missing))
    selectables.append(contentsOf: repeatElement(nil, count: missing))
  }

  // MARK: - By object

  /// The descriptor under which an object is registered.
  ///
  /// - Parameters:
  ///   - selectable: The object.
  ///   - descriptor: Its own idea of its descriptor; with -1, when it has closed it, the object is looked for.
  /// - Returns: The descriptor, or `nil` when it is not registered.
  func descriptor(of selectable: any Selectable, at descriptor: Int32) -> Int32? {
    if descriptor >= 0 {
      let index = Int(descriptor)
      return index < entries.count && entries[index].isActive && selectables[index] === selectable ? descriptor : nil
    }
    return entries.indices.first { entries[$0].isActive && selectables[$0] === selectable }.map { Int32($0) }
  }

  /// The object that has or had a descriptor.
  func selectable(at descriptor: Int32) -> (any Selectable)? {
    descriptor >= 0 && descriptor < entries.count ? selectables[Int(descriptor)] : nil
  }

  /// Puts an entry and its object back, as they were before a change that was refused.
  ///
  /// - Returns: The object that it had meanwhile.
  mutating func restore(_ descriptor: Int32, _ entry: Entry, _ selectable: (any Selectable)?) -> (any Selectable)? {
    self[descriptor] = entry
    return replace(descriptor, by: selectable)
  }

  private mutating func replace(_ descriptor: Int32, by selectable: (any Selectable)?) -> (any Selectable)? {
    grow(to: descriptor)
    let previous = selectables[Int(descriptor)]
    selectables[Int(descriptor)] = selectable
    return previous
  }

  // What these forget is returned: the application's objects that go with it, when the caller lets go of it, may use the
  // reactor, and so this table.

  /// Gives an entry to an object, with a number of its own unless the same object held it just before.
  mutating func claim(_ descriptor: Int32, for selectable: any Selectable) -> (any Selectable)? {
    guard self.selectable(at: descriptor) !== selectable else { return nil }
    // An object that takes over a registered descriptor takes over its registration, and its events.
    let inherits = self[descriptor].isActive
    let previous = replace(descriptor, by: selectable)
    if inherits { return previous }
    registrations &+= 1
    self[descriptor].registration = registrations
    self[descriptor].flushedIn = 0
    self[descriptor].isQueued = false
    self[descriptor].isContinuous = false
    return previous
  }

  /// Forgets the object of an entry that is registered for nothing, at once or at the end of the dispatch.
  mutating func release(_ descriptor: Int32, duringDispatch: Bool) -> (any Selectable)? {
    if duringDispatch {
      parked.append(descriptor)
      return nil
    }
    guard !self[descriptor].isActive else { return nil }
    return replace(descriptor, by: nil)
  }

  /// Forgets what was given up during the dispatch that has just ended.
  mutating func releaseParked() -> [any Selectable] {
    guard !parked.isEmpty else { return [] }
    defer { parked.removeAll(keepingCapacity: true) }
    return parked.compactMap { release($0, duringDispatch: false) }
  }

  /// Notes that an object wants to be flushed; one that is registered for reading needs nothing of the poller.
  mutating func want(_ descriptor: Int32, for selectable: any Selectable) -> Wish {
    let index = Int(descriptor)
    guard index < entries.count, entries[index].isActive else { return .unregistered }
    if entries[index].isWriting { return .known }
    guard selectables[index] === selectable else { return .unregistered }
    entries[index].writing = .wanted
    return queue(index)
  }

  /// Takes the wish of an object back, if nothing else changes by that.
  mutating func unwant(_ descriptor: Int32, for selectable: any Selectable) -> Bool {
    let index = Int(descriptor)
    guard index >= 0, index < entries.count, entries[index].writing == .wanted, entries[index].isReading,
      selectables[index] === selectable
    else { return false }
    entries[index].writing = .no
    return true
  }

  // MARK: - By registration

  /// The object of a registration that is still good.
  func selectable(_ registration: Registration) -> (any Selectable)? {
    guard let index = index(registration), entries[index].isActive else { return nil }
    return selectables[index]
  }

  /// The object of a registration, also of one that was given up in this dispatch.
  func served(_ registration: Registration) -> (any Selectable)? {
    index(registration).flatMap { selectables[$0] }
  }

  /// Whether a registration that is still good is for reading.
  func isReading(_ registration: Registration) -> Bool {
    index(registration).map { entries[$0].isReading } ?? false
  }

  /// Whether a registration that is still good is for writing.
  func isWriting(_ registration: Registration) -> Bool {
    index(registration).map { entries[$0].isWriting } ?? false
  }

  /// Whether a registration that is still good has its writes made in the flush.
  func isFlushed(_ registration: Registration) -> Bool {
    index(registration).map { entries[$0].isFlushed } ?? false
  }

  /// Notes that a registration is not in the queue of flushes any more.
  mutating func unqueue(_ registration: Registration) {
    if let index = index(registration) { entries[index].isQueued = false }
  }

  /// Asks for a place in the queue of flushes for a registration that still wants one, and that no poll tells of.
  mutating func requeue(_ registration: Registration) -> Wish {
    guard let index = index(registration), entries[index].writing == .wanted else { return .known }
    return queue(index)
  }

  /// Asks for a place in the queue of flushes for a descriptor that wants one.
  mutating func requeue(of descriptor: Int32) -> Wish {
    requeue(Registration(descriptor: descriptor, number: self[descriptor].registration))
  }

  /// Takes the flush of a registration, if it is still wanted and was not made in this pass.
  mutating func takeFlush(_ registration: Registration, pass: UInt32) -> (any Selectable)? {
    guard let index = index(registration), entries[index].isFlushed, entries[index].flushedIn != pass else {
      return nil
    }
    entries[index].flushedIn = pass
    return selectables[index]
  }

  private mutating func queue(_ index: Int) -> Wish {
    if entries[index].isQueued { return .known }
    entries[index].isQueued = true
    return .new(Registration(descriptor: Int32(index), number: entries[index].registration))
  }

  @inline(__always)
  private func index(_ registration: Registration) -> Int? {
    let index = Int(registration.descriptor)
    return index >= 0 && index < entries.count && entries[index].registration == registration.number ? index : nil
  }
}
