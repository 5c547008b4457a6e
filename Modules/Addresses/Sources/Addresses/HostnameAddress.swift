/// A host by its name, not yet resolved, and a port.
///
/// Mirrors `twisted.internet.address.HostnameAddress`, the address of a `HostnameEndpoint`. That class checks nothing.
/// Checked here: the name is visible ASCII; its labels, between dots, have 1 to 63 characters; all of it has 1 to 253, not
/// counting the dot that may end it. That is looser than what `HostnameEndpoint` asks of a name given as text, which must be
/// valid IDNA: underscores and literals of hosts pass, and a name that no resolver knows is still a name. Letters outside
/// ASCII are not converted: give their ASCII form (`xn--…`).
public struct HostnameAddress: Hashable, Sendable {
  /// The name as it was given: upper and lower case are kept, and tell names apart.
  public let hostname: String
  /// The port, from 0 to 65535.
  public var port: UInt16

  /// Makes an address from a name and a port.
  ///
  /// - Parameters:
  ///   - hostname: The name.
  ///   - port: The port, from 0 to 65535.
  /// - Throws: `AddressError` for an empty name or label, for one that is too long, and for anything but visible ASCII.
  public init(hostname: String, port: UInt16) throws(AddressError) {
    try Self.check(hostname.utf8.span)
    self.hostname = hostname
    self.port = port
  }

  private static func check(_ name: Span<UInt8>) throws(AddressError) {
    let limit = name.has(".", at: name.count - 1) ? 254 : 253
    guard name.count <= limit else {
      throw AddressError(.hostname, expected: .atMost(bytes: limit), found: .bytes(name.count), position: limit)
    }
    var label = 0
    for position in 0..<name.count {
      let byte = name[position]
      guard byte.isVisibleASCII else {
        throw AddressError(.hostname, expected: .visibleASCII, in: name, at: position)
      }
      if byte == UInt8(ascii: ".") {
        guard position > label else {
          throw AddressError(.hostname, expected: .label, in: name, at: position)
        }
        label = position + 1
      } else if position - label == 63 {
        throw AddressError(.hostname, expected: .labelEnd, in: name, at: position)
      }
    }
    guard name.count > 0 else {
      throw AddressError(.hostname, expected: .label, in: name, at: 0)
    }
  }
}

extension HostnameAddress: CustomStringConvertible {
  /// The name and the port: `example.com:80`.
  public var description: String { "\(hostname):\(port)" }
}

extension HostnameAddress: Codable {
  private enum CodingKeys: String, CodingKey {
    case hostname
    case port
  }

  /// Reads an address from a keyed container.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` for a missing or malformed part.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let hostname = try container.decode(String.self, forKey: .hostname)
    let port = try container.decode(UInt16.self, forKey: .port)
    do throws(AddressError) {
      try self.init(hostname: hostname, port: port)
    } catch {
      throw DecodingError.dataCorrupted(error.decodingContext(at: container.codingPath + [CodingKeys.hostname]))
    }
  }
}
