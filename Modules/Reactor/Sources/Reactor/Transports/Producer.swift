/// What writes to a transport and is told when to stop.
///
/// Mirrors `twisted.internet.interfaces.IProducer`.
///
/// A producer registered with `streaming: false` is a pull producer: one `resumeProducing` asks for one piece of output.
public protocol Producer: AnyObject {
  /// Asks for output: one piece from a pull producer, an unbroken flow from a push producer.
  ///
  /// - Throws: Whatever the application throws.
  func resumeProducing() throws

  /// Tells that nothing more is wanted: the connection is lost.
  ///
  /// - Throws: Whatever the application throws: the rest of the connection's close is then not done.
  func stopProducing() throws
}

/// A producer that writes on its own until it is paused.
///
/// Mirrors `twisted.internet.interfaces.IPushProducer`.
public protocol PushProducer: Producer {
  /// Asks to write nothing until `resumeProducing`.
  ///
  /// - Throws: Whatever the application throws: it leaves the `write` that filled the output.
  func pauseProducing() throws
}
