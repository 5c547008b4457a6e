import Conformance
import Glibc

/// A file that is put in its place when all of it is written, so that what stands there is whole or what was there before.
enum SavedFile {
  /// Lets a body write a file and puts it in its place; a device or a pipe is written straight to.
  ///
  /// - Parameters:
  ///   - path: Where the file goes.
  ///   - body: Writes the file at the path that it is given.
  /// - Throws: What the body throws, or that the file cannot be put in its place.
  static func write(
    _ path: String, _ body: (_ path: String) throws(CaptureError) -> Void
  ) throws(CaptureError) {
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      return try body(path)
    }
    let part = path + ".part"
    do throws(CaptureError) {
      try body(part)
    } catch {
      _ = unsafe unlink(part)
      // The reader knows the file by its own name.
      var named = error
      named.subject = path
      throw named
    }
    guard unsafe rename(part, path) == 0 else {
      let reason = unsafe String(cString: strerror(errno))
      _ = unsafe unlink(part)
      throw CaptureError(.unwritable, path, reason)
    }
  }
}
