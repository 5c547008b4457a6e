import Pair
import Reactor

/// Plays the application of a recording of tunnels on Swift's `Pair`, in exactly the recorded order.
///
/// Nothing is nondeterministic here: what the system does is observed by the stand-ins for the application's own objects and
/// by the I/O system that the port is given, and each event must come in its place.
final class PairReplay {
  let recording: Recording
  let part: ReplayPart
  /// How closely the layers follow Twisted.
  let profile: PairProfile
  /// What the run is judged by.
  var judge: StrictJudge
  /// The objects by their recorded names.
  private var objects: [String: AnyObject] = [:]
  private var names: [ObjectIdentifier: String] = [:]
  /// The addresses by their recorded names: they are values.
  var addresses: [String: TunnelAddress] = [:]
  /// The names of the descriptors, and their numbers.
  var descriptors = PairDescriptors()
  /// The event that raised each error of the application's.
  private var raised: [ObjectIdentifier: Int] = [:]
  /// The sources of what a real device is sent, and what receives from it.
  var real: RealTunnels?
  /// The relaxations that were used, with how often each was.
  var relaxations: [String: Int] = [:]
  /// The port's descriptor by the port's name, where there is no port.
  var openedBy: [String: Int32] = [:]

  /// Prepares one run.
  ///
  /// - Parameters:
  ///   - recording: The recording.
  ///   - part: What of it is under test.
  ///   - profile: How closely the layers follow Twisted.
  init(_ recording: Recording, part: ReplayPart = .whole, profile: PairProfile = .twistedCompatible) {
    self.recording = recording
    self.part = part
    self.profile = profile
    judge = StrictJudge(recording) { part.covers($0) }
  }

  /// Plays the recording from beginning to end.
  ///
  /// - Returns: The first divergence, nil where the run is its recording.
  func run() -> Judgement.Divergence? {
    play()
    judge.finish()
    tearDown()
    return judge.divergence
  }

  /// The last recorded event that began.
  var lastDone: Int? { judge.last }

  /// Does all that the application does here: at the top, or inside the callback that has just begun.
  func play() {
    while judge.divergence == nil, let event = judge.next, isAction(event) { perform(event) }
  }

  private func isAction(_ event: Recording.Event) -> Bool {
    switch event.kind {
    case .call, .get, .set, .drop: true
    case .io: part == .io
    default: false
    }
  }

  private func perform(_ event: Recording.Event) {
    judge.begin()
    let outcome: Recording.Outcome
    do {
      outcome = .returned(try PairCalls.make(event, in: self))
    } catch let reason as Unplayable {
      return judge.diverge(.run("not replayable"), event.n, "", "\(event.member): \(reason)")
    } catch {
      outcome = .raised(describe(error))
    }
    judge.ended(event, outcome)
  }

  /// The system calls the application: what it does there is played, and what came of it is given.
  ///
  /// - Parameters:
  ///   - member: What is called: `protocol-1.doStop`.
  ///   - args: The arguments.
  /// - Throws: The error that the application raised there.
  func back(_ member: String, _ args: TraceMapping = [:]) throws {
    guard let event = judge.began(.back, member, args) else { return }
    play()
    var failure: (any Error)?
    if case .raised(let form) = event.outcome { failure = raise(form, at: event.n) }
    judge.ended(event, event.outcome)
    if let failure { throw failure }
  }

  /// An error of the application's, known again by its identity.
  private func raise(_ form: TraceMapping, at n: Int) -> any Error {
    let error = self.error(.mapping(form))
    if let object = error as? RecordedError {
      raised[ObjectIdentifier(object)] = n
      judge.agreement.bindings.events[n] = n
    }
    return error
  }

  /// A line that the system logs.
  func log(_ line: LogEvent) {
    guard judge.divergence == nil else { return }
    let recorded = judge.next?.args ?? [:]
    var seen: TraceMapping = ["level": .word(line.level.traceName)]
    // Swift words its lines otherwise than Python; what they are about is compared, where they are what was recorded.
    if let what = recorded["what"]?.text, line.message == text(of: what, recorded) {
      for key in ["what", "class", "member", "interface", "text"] { seen[key] = recorded[key] }
    } else {
      seen["text"] = .string(line.message)
    }
    if let error = line.error { seen["error"] = .mapping(describe(error)) }
    judge.logged(seen)
  }

  /// What Swift says where the recording has such a line.
  private func text(of what: String, _ line: TraceMapping) -> String? {
    let type = line["class"]?.text ?? ""
    let name = InterfaceName(bytes: line["interface"]?.bytes ?? [])
    switch what {
    case "starting": return "\(TuntapPort.Message.starting(of: type, on: name))"
    case "closed": return "\(TuntapPort.Message.closed(name))"
    case "unhandled" where line["member"] == "datagramReceived": return "\(TuntapPort.Message.unhandled(by: type))"
    default: return nil
    }
  }

  private func tearDown() {
    // What the run left open must not meet the next.
    real?.close()
    for object in objects.values {
      (object as? StandInPortReactor)?.discard()
      guard let port = object as? TuntapPort, port.system is SystemIO, let number = try? port.fileno(), number >= 0
      else { continue }
      try? port.system.close(number)
    }
    objects = [:]
    names = [:]
  }
}

// Objects and errors, by their names.
extension PairReplay {
  /// The object of a name.
  func object(named name: String) -> AnyObject? { objects[name] }

  /// The object of a name, of a type.
  func object<Object>(_ name: String, as type: Object.Type) throws -> Object {
    // In two steps: Swift 6.3.1 casts an absent object to a generic type by looking at it.
    guard let found = objects[name], let object = found as? Object else { throw Unplayable("there is no \(name)") }
    return object
  }

  /// The name of an object.
  func name(of object: AnyObject) -> String? { names[ObjectIdentifier(object)] }

  /// Gives an object its name.
  func introduce(_ name: String, _ object: AnyObject) {
    objects[name] = object
    names[ObjectIdentifier(object)] = name
  }

  /// How an object of the system's is handed out: by the name that the recording introduces it with, or by the one it has.
  func given(_ object: AnyObject, _ event: Recording.Event, as form: String = "new") -> TraceValue {
    if let known = name(of: object) { return ["ref": .word(known)] }
    let expected = event.outcome.value
    guard let name = (expected["new"] ?? expected["deferred"])?.text else { return ["opaque": "object"] }
    introduce(name, object)
    return [form: .word(name)]
  }

  /// The live error that a recorded value stands for.
  func error(_ value: TraceValue) -> any Error { ErrorFamilies.error(value) }

  /// An error as a trace has it.
  func describe(_ error: any Error) -> TraceMapping {
    var form: TraceMapping = ["error": .word((error as? any NamedError)?.traceName ?? "unknown")]
    switch error {
    case let error as CannotOpenTunnelError:
      form["interface"] = .null
      form["port"] = .bytes(error.name.bytes)
      form["cause"] = .mapping(describe(error.cause))
    case let error as RecordedError:
      if let errno = error.errno { form["errno"] = .word(errno.name) }
      if let type = error.className { form["class"] = .string(type) }
      if let n = raised[ObjectIdentifier(error)] { form["raised"] = .int(n) }
    case let error as TunnelError:
      switch error {
      case .shortPacket(let needed, _): form["need"] = .int(needed)
      case .badRequest: form["need"] = .int(TunnelRequest.byteCount)
      default: break
      }
    case let error as NotAdaptable:
      form["to"] = .word(error.interface)
    case let error as any NamedError:
      if let errno = error.errno { form["errno"] = .word(errno.name) }
    default: break
    }
    return form
  }
}

/// The descriptors of a run, each with the name that the recording has for it.
struct PairDescriptors {
  private var names: [Int32: String] = [:]
  private var numbers: [String: Int32] = [:]
  /// What was closed keeps its name until the number is used again.
  mutating func bind(_ name: String, to number: Int32) {
    names[number] = name
    numbers[name] = number
  }

  /// A descriptor as a trace has it: by its name, or a plain number where it has none.
  func value(_ number: Int32) -> TraceValue {
    names[number].map { ["fd": .word($0)] } ?? .int(Int(number))
  }

  /// The number of a recorded descriptor.
  func number(_ value: TraceValue) throws -> Int32 {
    if let number = value.int.flatMap({ Int32(exactly: $0) }) { return number }
    guard let name = value["fd"]?.text, let number = numbers[name] else { throw Unplayable("no descriptor is bound") }
    return number
  }
}

extension LogEvent.Level {
  /// The word for it in traces: what is critical here is an error there.
  fileprivate var traceName: String { self == .critical ? "error" : rawValue }
}
