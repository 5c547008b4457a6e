// The table of faults: one place says which operation may fail how. `docs/faults.md` shows it to people; a test holds the two
// together, and others walk it, row by row.

extension IOCall {
  /// What may happen to the operation on Linux when nothing is wrong with the program.
  ///
  /// The errors are those of the operation's manual page in section 2, without the ones that only a mistaken argument brings;
  /// for `accept` also those of the network that the new connection came by. ``FaultyIO`` draws from it, and the
  /// tests of the reactor walk it. EINTR is in it where the seam lets it through: see
  /// ``FaultyIO/Effect/interrupted``. A short count stands for any.
  public var faults: [FaultyIO.Effect] {
    switch self {
    case .makePoller: Self.noDescriptor + [.fail(.noMemory)]
    case .openWaker: Self.noDescriptor + [.fail(.noMemory)]
    case .openReserve: Self.noDescriptor + [.fail(.noMemory)]
    case .duplicate: [.fail(.tooManyOpenFiles)]
    case .socket: Self.noDescriptor + [.fail(.noBufferSpace), .fail(.noMemory), .fail(.permissionDenied)]
    case .bind:
      [.fail(.addressInUse), .fail(.addressNotAvailable), .fail(.permissionDenied), .fail(.noMemory)]
    case .listen: [.fail(.addressInUse)]
    case .accept:
      Self.noDescriptor + [
        .wouldBlock, .fail(.noBufferSpace), .fail(.noMemory), .fail(.connectionAborted),
        .fail(.operationNotPermitted), .fail(.protocolError), .fail(.networkDown), .fail(.networkUnreachable),
        .fail(.hostUnreachable), .fail(.timedOut),
      ]
    case .connect:
      [
        .wouldBlock, .fail(.connectionRefused), .fail(.timedOut), .fail(.networkUnreachable), .fail(.hostUnreachable),
        .fail(.addressNotAvailable), .fail(.addressInUse), .fail(.permissionDenied), .fail(.operationNotPermitted),
      ]
    case .takeError:
      [
        .pending(.connectionRefused), .pending(.timedOut), .pending(.networkUnreachable), .pending(.hostUnreachable),
        .pending(.connectionReset), .fail(.noBufferSpace),
      ]
    case .localAddress, .option: [.fail(.noBufferSpace)]
    case .peerAddress: [.fail(.notConnected), .fail(.noBufferSpace)]
    case .setOption, .setResetOnClose: [.fail(.invalidArgument), .fail(.noMemory)]
    case .receive:
      [
        .wouldBlock, .short(1), .fail(.connectionReset), .fail(.timedOut), .fail(.connectionRefused), .fail(.noMemory),
      ]
    case .send:
      [
        .wouldBlock, .short(1), .fail(.brokenPipe), .fail(.connectionReset), .fail(.noBufferSpace), .fail(.noMemory),
      ]
    case .shutdown: [.fail(.notConnected)]
    case .close: [.fail(.inputOutput), .fail(.noSpace)]
    case .watch: [.fail(.noMemory), .fail(.noSpace)]
    case .rewatch: [.fail(.noMemory)]
    case .wait: [.interrupted, .fail(.noMemory)]
    case .unwatch: []
    }
  }

  /// The process, or the system, has no descriptor left.
  private static let noDescriptor: [FaultyIO.Effect] = [.fail(.tooManyOpenFiles), .fail(.tooManyOpenFilesInSystem)]
}
