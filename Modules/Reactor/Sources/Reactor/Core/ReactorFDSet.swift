/// Polls descriptors that others own.
///
/// Mirrors `twisted.internet.interfaces.IReactorFDSet`. ``Reactor`` is one; what is written against this can be tested
/// without one.
public protocol ReactorFDSet: AnyObject {
  /// Polls a descriptor for reading; adding it twice does nothing.
  ///
  /// - Parameter reader: What is told; held until it is removed or lost.
  /// - Throws: ``DescriptorError`` for what cannot be polled, and what `fileno` throws.
  func addReader(_ reader: any ReadDescriptor) throws

  /// Polls a descriptor for writing; adding it twice does nothing.
  ///
  /// - Parameter writer: What is told; held until it is removed or lost.
  /// - Throws: ``DescriptorError`` for what cannot be polled, and what `fileno` throws.
  func addWriter(_ writer: any WriteDescriptor) throws

  /// Polls a descriptor for reading no more; does nothing when it is not polled.
  ///
  /// - Parameter reader: The object that was added.
  func removeReader(_ reader: any ReadDescriptor)

  /// Polls a descriptor for writing no more; does nothing when it is not polled.
  ///
  /// - Parameter writer: The object that was added.
  func removeWriter(_ writer: any WriteDescriptor)
}

extension Reactor: ReactorFDSet {}
