import Addresses
import CLinux
import Glibc

/// The operating system's tables of names: hosts, services and interfaces.
///
/// These calls may block.
enum SystemNames {
  /// The addresses of a host, in the operating system's order.
  ///
  /// Mirrors Python's `socket.getaddrinfo`.
  ///
  /// - Parameters:
  ///   - name: A host name, or an address literal.
  ///   - port: The port to put into each address.
  ///   - families: What is asked for.
  ///   - transport: The kind of transport that the addresses are for.
  /// - Returns: The addresses; none when nobody knows the name.
  static func addresses(
    of name: String, port: UInt16, _ families: AddressTypes, for transport: TransportKind
  ) -> [Address] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family =
      switch families {
      case .ipv4: AF_INET
      case .ipv6: AF_INET6
      case .any: AF_UNSPEC
      }
    unsafe hints.ai_socktype =
      switch transport {
      case .tcp: Int32(bitPattern: SOCK_STREAM.rawValue)
      case .udp: Int32(bitPattern: SOCK_DGRAM.rawValue)
      }
    var list: UnsafeMutablePointer<addrinfo>?
    // The list belongs to this function between the two calls; each entry's address has the length that stands beside it.
    guard unsafe getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var found: [Address] = []
    var entry = unsafe list
    while let current = unsafe entry {
      if let pointer = unsafe current.pointee.ai_addr {
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: Int(current.pointee.ai_addrlen))
        if let address = try? unsafe Address(sockaddr: bytes, transport: transport) {
          found.append(address.with(port: port))
        }
      }
      unsafe entry = current.pointee.ai_next
    }
    return found
  }

  /// The port of a TCP service.
  ///
  /// Mirrors Python's `socket.getservbyname(name, "tcp")`.
  ///
  /// - Parameter name: The service's name, such as `http`.
  /// - Returns: The port, or `nil` when nobody knows the name.
  static func port(ofService name: String) -> UInt16? {
    var entry = unsafe servent()
    var found: UnsafeMutablePointer<servent>?
    // The strings of the entry live in the buffer; only the port is taken out of it.
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
      guard unsafe getservbyname_r(name, "tcp", &entry, buffer.baseAddress, buffer.count, &found) == 0,
        unsafe found != nil
      else { return nil }
      return UInt16(truncatingIfNeeded: unsafe entry.s_port).byteSwapped
    }
  }

  /// The index of an interface.
  ///
  /// - Parameter name: The interface's name, such as `eth0`.
  /// - Returns: The index, or `nil` when there is no such interface.
  static func index(ofInterface name: String) -> UInt32? {
    let index = unsafe if_nametoindex(name)
    return index == 0 ? nil : index
  }
}

extension Address {
  /// The same host with another port.
  func with(port: UInt16) -> Address {
    switch self {
    case .ipv4(var address):
      address.port = port
      return .ipv4(address)
    case .ipv6(var address):
      address.port = port
      return .ipv6(address)
    case .unix, .hostname:
      return self
    }
  }
}
