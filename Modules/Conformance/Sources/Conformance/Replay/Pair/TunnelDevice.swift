import Addresses
import Glibc
import Pair

/// A device that a recording needs: made before the run in the worker's own network, and removed after it.
struct TunnelDevice {
  private let name: String

  /// Makes the device that a trace's header asks for.
  ///
  /// - Parameters:
  ///   - needs: The header's `needs`.
  ///   - senders: The hosts that the recording sends from: this network has them all, on whatever device.
  /// - Throws: ``Unplayable`` where it cannot be had here.
  init(_ needs: TraceMapping, senders: Set<String>) throws(Unplayable) {
    guard let name = needs["device"]?.text, let mode = needs["mode"]?.text, ["tun", "tap"].contains(mode),
      let address = needs["address"]?.text, let neighbour = needs["neighbour"]?.text
    else { throw Unplayable("the header does not say which device is needed") }
    let isName = { (byte: UInt8) in byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "/") }
    guard (1...15).contains(name.utf8.count), name.utf8.allSatisfy(isName), !name.hasPrefix("-") else {
      throw Unplayable("\(name) is no name of a device")
    }
    self.name = name
    try Self.ip(["tuntap", "add", "dev", name, "mode", mode] + (needs["pi"]?.bool == true ? ["pi"] : []))
    do throws(Unplayable) {
      Self.silenceIPv6(on: name)
      try Self.ip(["link", "set", "up", "dev", name])
      try Self.ip(["addr", "add", address, "dev", name])
      let own = address.prefix { $0 != "/" }
      for host in senders.sorted() where host != own {
        guard (try? IPv4Address.Host(host)) != nil else { throw Unplayable("\(host) is no host to send from") }
        try Self.ip(["addr", "replace", "\(host)/32", "dev", "lo"])
      }
      // Who answers at the far end is the test, which knows no ARP.
      try Self.ip(["neigh", "add", neighbour, "lladdr", Self.station(of: name), "dev", name])
    } catch {
      remove()
      throw error
    }
  }

  /// Removes the device.
  func remove() { try? Self.ip(["link", "del", "dev", name]) }

  /// The station that frames for the far end are sent to: the recordings' own devices have these.
  private static func station(of name: String) -> String {
    name.hasSuffix("-pi") ? "de:ad:ca:fe:be:ef" : "de:ad:be:ef:ca:fe"
  }

  /// Keeps the kernel from talking of its own accord.
  private static func silenceIPv6(on name: String) {
    let path = "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6"
    // The path ends with a zero byte, and one byte is written.
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = unsafe Glibc.write(descriptor, "1", 1)
    _ = Glibc.close(descriptor)
  }

  private static func ip(_ arguments: [String]) throws(Unplayable) {
    var process: pid_t = 0
    // Its standard streams are the worker's; it is asked for nothing that it would print but a complaint.
    let refusal = unsafe withCStrings(["ip"] + arguments) { (arguments) in
      unsafe posix_spawnp(&process, "ip", nil, nil, arguments, environ)
    }
    guard refusal == 0 else { throw Unplayable("there is no command ip to make a device with") }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) == -1, errno == EINTR {}
    guard status == 0 else { throw Unplayable("no device can be made here: ip \(arguments.joined(separator: " "))") }
  }
}
