/// An event that triggers are added to.
///
/// Mirrors the event types of `twisted.internet.interfaces.IReactorCore`.
public enum SystemEvent: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// Fired by `run`.
  case startup
  /// Fired in step 3 after a `stop`: of the same turn when that comes in steps 1 or 2, else of the next.
  case shutdown
  /// One of the application's own.
  case other(String)

  /// Makes an event out of its name.
  ///
  /// - Parameter name: `startup`, `shutdown`, or any other.
  public init(_ name: String) {
    switch name {
    case "startup": self = .startup
    case "shutdown": self = .shutdown
    default: self = .other(name)
    }
  }

  /// Makes an event out of a literal of its name.
  ///
  /// - Parameter value: `startup`, `shutdown`, or any other.
  public init(stringLiteral value: String) { self.init(value) }

  /// The name.
  public var description: String {
    switch self {
    case .startup: "startup"
    case .shutdown: "shutdown"
    case .other(let name): name
    }
  }
}

/// When in the course of an event a trigger is called.
public enum TriggerPhase: String, Sendable, CaseIterable {
  /// First; a returned Deferred holds the phases that follow.
  case before
  /// After all Deferreds of the `before` phase have fired. The shutdown event's first two are the reactor's own: `crash`,
  /// and the loss of every connection.
  case during
  /// Last.
  case after
}

/// What `addSystemEventTrigger` gives, to remove the trigger by.
public final class TriggerID {
  /// The event.
  public let event: SystemEvent
  /// The phase.
  public let phase: TriggerPhase
  let callable: Callable

  init(_ event: SystemEvent, _ phase: TriggerPhase, _ callable: Callable) {
    self.event = event
    self.phase = phase
    self.callable = callable
  }
}
