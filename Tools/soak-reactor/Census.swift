/// Who is alive: how many of the application's own objects, and which of the reactor's.
final class Census {
  private struct Watched {
    weak var object: AnyObject?
  }

  private var own = 0
  private var watched: [Watched] = []

  /// One of the application's objects was made.
  func born() { own += 1 }

  /// One of the application's objects was released.
  func died() { own -= 1 }

  /// Takes down an object of the reactor's, and does not hold it.
  func watch(_ object: AnyObject) { watched.append(Watched(object: object)) }

  /// How many objects of either kind are alive.
  func alive() -> Int {
    watched.removeAll { $0.object == nil }
    return own + watched.count
  }
}
