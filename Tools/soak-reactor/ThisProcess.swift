import Glibc

/// What the operating system says of this process.
enum ThisProcess {
  /// What the operating system refused, or does not tell.
  struct Refusal: Error, CustomStringConvertible {
    var description: String
  }

  /// How many descriptors are open.
  static func descriptors() throws(Refusal) -> Int {
    guard let folder = unsafe opendir("/proc/self/fd") else { throw Refusal(description: "cannot list /proc/self/fd") }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    // Without `.`, `..` and the one that the listing itself has open.
    return count - 3
  }

  /// The memory that is its own, in bytes: `RssAnon` of `/proc/self/status`.
  static func memory() throws(Refusal) -> Int {
    var bytes = [UInt8](repeating: 0, count: 8192)
    let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    let count = unsafe descriptor < 0 ? -1 : read(descriptor, &bytes, bytes.count)
    let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("RssAnon:") }?.split { $0 == " " || $0 == "\t" } ?? []
    guard words.count == 3, let kibibytes = Int(words[1]) else {
      throw Refusal(description: "/proc/self/status has no RssAnon")
    }
    return kibibytes * 1024
  }

  /// Sees to it that so many descriptors may be open, raising the limits where that is allowed.
  static func needDescriptors(_ wanted: Int) throws(Refusal) {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Refusal(description: "the limit of descriptors cannot be read")
    }
    guard limit.rlim_cur < wanted else { return }
    var raised = rlimit(rlim_cur: rlim_t(wanted), rlim_max: max(limit.rlim_max, rlim_t(wanted)))
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 else {
      throw Refusal(
        description: "\(wanted) descriptors are needed and \(limit.rlim_max) allowed: raise the limit (ulimit -Hn)")
    }
  }
}
