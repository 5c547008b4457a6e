import Testing

@testable import Reactor

@Suite struct StreamStateTests {
  /// Every state there is.
  static let states: [StreamState] =
    StreamState.Sending.allCases.flatMap { (sending) in
      [.unconnected(sending, aborted: false), .unconnected(sending, aborted: true)]
        + StreamState.Closing.allCases.map { .connected(sending, $0) }
    } + [.lost(disconnecting: false), .lost(disconnecting: true)]

  /// The five flags that Twisted keeps, changed as `twisted.internet.abstract` and `twisted.internet.tcp` change them.
  struct Flags: Hashable {
    var connected = false
    var disconnecting = false
    var disconnected = false
    var writeDisconnecting = false
    var writeDisconnected = false
    var aborting = false

    init(_ state: StreamState) {
      var sending = StreamState.Sending.open
      switch state {
      case .unconnected(let half, let aborted):
        sending = half
        aborting = aborted
      case .connected(let half, let closing):
        connected = true
        sending = half
        disconnecting = closing == .flushing || closing == .abortingAfterFlushing
        aborting = closing == .aborting || closing == .abortingAfterFlushing
      case .lost(let disconnecting):
        disconnected = true
        self.disconnecting = disconnecting
      }
      writeDisconnecting = sending != .open
      writeDisconnected = sending == .halfClosed
    }

    /// What a lost connection's other flags say matters to nobody.
    var settled: Flags {
      var flags = self
      if disconnected { (flags.writeDisconnecting, flags.writeDisconnected, flags.aborting) = (false, false, false) }
      return flags
    }
  }

  @Test(arguments: states)
  func `the flags that an application reads are Twisted's`(_ state: StreamState) {
    let flags = Flags(state)
    #expect(state.connected == flags.connected)
    #expect(state.disconnecting == flags.disconnecting)
    #expect(state.disconnected == flags.disconnected)
    #expect(state.acceptsOutput == (flags.connected && !flags.writeDisconnected))
    #expect(state.mayResume == (flags.connected && !flags.disconnecting))
    if !flags.disconnected { #expect(state.aborting == flags.aborting) }
  }

  @Test(arguments: states)
  func `loseConnection does what the flags make Twisted do`(_ state: StreamState) {
    var after = state
    var flags = Flags(state)
    let action = after.lose()
    if !flags.connected || flags.disconnecting {
      #expect(action == .nothing)
    } else if flags.writeDisconnected {
      #expect(action == .now)
    } else {
      #expect(action == .flush)
      flags.disconnecting = true
    }
    #expect(Flags(after) == flags)
  }

  @Test(arguments: states)
  func `loseWriteConnection asks for a flush of all but a lost connection`(_ state: StreamState) {
    var after = state
    var flags = Flags(state)
    let asks = after.loseWriting()
    #expect(asks == !flags.disconnected)
    flags.writeDisconnecting = true
    #expect(Flags(after).settled == flags.settled)
  }

  @Test(arguments: states)
  func `abortConnection schedules one loss of what is not lost`(_ state: StreamState) {
    var after = state
    var flags = Flags(state)
    let schedules = after.abort()
    let again = after.abort()
    #expect(schedules == (!flags.disconnected && !flags.aborting))
    #expect(!again)
    flags.aborting = true
    #expect(Flags(after).settled == flags.settled)
  }

  @Test(arguments: states)
  func `a flush that sent everything closes before it half-closes`(_ state: StreamState) {
    var after = state
    var flags = Flags(state)
    let action = after.flushed()
    guard flags.connected else {
      #expect(action == .nothing)
      #expect(after == state)
      return
    }
    if flags.disconnecting {
      #expect(action == .close)
    } else if flags.writeDisconnecting {
      #expect(action == .halfClose)
      flags.writeDisconnected = true
    } else {
      #expect(action == .nothing)
    }
    #expect(Flags(after) == flags)
  }

  @Test(arguments: states)
  func `a loss keeps the last disconnecting`(_ state: StreamState) {
    var after = state
    after.loseNow()
    #expect(after == .lost(disconnecting: state.disconnecting))
  }

  @Test func `a connected socket keeps what was asked before`() {
    for sending in StreamState.Sending.allCases {
      var state = StreamState.unconnected(sending, aborted: false)
      state.connect()
      #expect(state == .connected(sending, .open))
    }
    var aborted = StreamState.unconnected(.open, aborted: true)
    aborted.connect()
    #expect(aborted == .connected(.open, .aborting))
  }
}
