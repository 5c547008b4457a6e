import Glibc

/// Finds the traces that a command's arguments name: files, folders and patterns.
public enum Corpus {
  /// Files that live among traces and are none.
  private static let companions: Set<String> = ["kept.yaml", "manifest.yaml", "rules.yaml"]

  /// The trace files that the arguments name, each once, in the order of the arguments and by name inside a folder.
  ///
  /// A folder stands for every trace below it: a file whose name ends in `.yaml` and whose text begins as a trace does; files
  /// such as `kept.yaml` and `manifest.yaml` are left out. A file named directly is taken as it is.
  ///
  /// - Parameter arguments: Paths of files and folders, and patterns with `*`, `?` or `[`.
  /// - Returns: Paths of files, not opened yet.
  /// - Throws: ``CorpusError`` when an argument names nothing, or no argument names a trace.
  public static func traces(named arguments: [String]) throws(CorpusError) -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    for argument in arguments {
      let matches = isPattern(argument) && !exists(argument) ? expand(argument) : [argument]
      if matches.isEmpty { throw .nothingMatches(argument) }
      for match in matches {
        let files: [String]
        if isFolder(match) {
          files = traces(below: match)
        } else if exists(match) {
          if isPattern(argument), !looksLikeTrace(match) { continue }
          files = [match]
        } else {
          throw .noSuchFile(match)
        }
        for file in files where seen.insert(file).inserted { found.append(file) }
      }
    }
    if found.isEmpty { throw .noTraces(arguments) }
    return found
  }

  /// The list of this name nearest above the first trace, nil where there is none.
  static func list(_ name: String, above files: [String]) -> String? {
    for file in files.prefix(1) {
      var parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      for _ in 0..<8 {
        let candidate = (parts.isEmpty ? "." : parts.joined(separator: "/")) + "/" + name
        if unsafe access(candidate, R_OK) == 0 { return candidate }
        guard !parts.isEmpty else { break }
        parts = parts.dropLast()
      }
    }
    return nil
  }

  private static func isPattern(_ argument: String) -> Bool {
    argument.contains { "*?[".contains($0) }
  }

  private static func expand(_ pattern: String) -> [String] {
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    guard unsafe glob(pattern, 0, nil, &result) == 0 else { return [] }
    return unsafe (0..<Int(result.gl_pathc)).compactMap {
      unsafe result.gl_pathv[$0].map { unsafe String(cString: $0) }
    }
  }

  private static func traces(below folder: String) -> [String] {
    var found: [String] = []
    for name in names(in: folder) {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      if isFolder(path) {
        found += traces(below: path)
      } else if looksLikeTrace(path) {
        found.append(path)
      }
    }
    return found
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  private static func looksLikeTrace(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard name.hasSuffix(".yaml"), !companions.contains(name) else { return false }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return true }
    defer { _ = close(descriptor) }
    var start = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(descriptor, &start, start.count)
    return start.prefix(max(0, count)).starts(with: Array("format: skein-trace".utf8))
  }

  private static func exists(_ path: String) -> Bool {
    unsafe access(path, F_OK) == 0
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// Why a command's arguments name no traces.
public enum CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no file of this name.
  case noSuchFile(String)
  /// A pattern that no file matches.
  case nothingMatches(String)
  /// The arguments name folders or patterns in which there is no trace.
  case noTraces([String])

  /// One line.
  public var description: String {
    switch self {
    case .noSuchFile(let path): "\(path): there is no such file"
    case .nothingMatches(let pattern): "\(pattern): no file matches"
    case .noTraces(let arguments): "no trace in \(arguments.joined(separator: ", "))"
    }
  }
}
