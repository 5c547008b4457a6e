import Reactor

/// The live error of each family that an application can hand to the system, where the system tells it from others.
enum ErrorFamilies {
  /// The error that a recorded value stands for.
  static func error(_ value: TraceValue) -> any Error {
    let family = value["error"]?.text ?? "unknown"
    let errno = value["errno"]?.text.flatMap { Errno(name: $0) }
    switch family {
    case "done": return ConnectionClosed.done
    case "lost": return ConnectionClosed.lost
    case "aborted": return ConnectionClosed.aborted
    case "descriptor-went-away": return ConnectionClosed.descriptorWentAway
    case "descriptor-overrun": return ConnectionClosed.descriptorOverrun
    case "os-error": return errno ?? RecordedError(traceName: family)
    default: return RecordedError(traceName: family, errno: errno, className: value["class"]?.text)
    }
  }
}
