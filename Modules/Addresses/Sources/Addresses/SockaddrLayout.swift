/// Where Linux keeps what in the `sockaddr` of each family: byte offsets and sizes, the same on every processor.
///
/// Families and scopes are in the machine's own byte order; ports, hosts and flow labels in network order.
enum SockaddrLayout {
  /// Of every family: `sa_family_t`, two bytes.
  enum Family {
    static let offset = 0
    static let size = 2
    static let unix: UInt16 = 1
    static let inet: UInt16 = 2
    static let inet6: UInt16 = 10
  }

  /// `struct sockaddr_in`; its last eight bytes are zero.
  enum Inet {
    static let port = 2
    static let host = 4
    static let size = 16
  }

  /// `struct sockaddr_in6`.
  enum Inet6 {
    static let port = 2
    static let flowInfo = 4
    static let host = 8
    static let scopeID = 24
    static let size = 28
  }

  /// `struct sockaddr_un`, of which only as much counts as the length beside it says.
  enum UNIX {
    static let path = 2
    static let size = 110
  }
}
