/// A reactor's delayed calls: a binary heap by stored time, and those scheduled since it was last looked at.
///
/// Cancelled calls stay until their time comes up, or until there are more than fifty and they are more than half of the
/// heap. Mirrors the bookkeeping of `twisted.internet.base.ReactorBase`.
struct DelayedCallHeap {
  private var heap: [DelayedCall] = []
  private var new: [DelayedCall] = []
  private var cancellations = 0

  /// How many calls the heap holds, cancelled ones included.
  var count: Int { heap.count }

  /// When the first call's place comes up, in nanoseconds; cancelled calls count.
  var firstTime: Int64? { heap.first?.time }

  /// The calls that are neither made nor cancelled.
  var active: [DelayedCall] { (heap + new).filter { !$0.isCancelled } }

  /// Adds a call, which enters the heap at the next ``insertNew()``.
  mutating func add(_ call: DelayedCall) {
    new.append(call)
  }

  /// Moves the calls scheduled since into the heap, each at its postponed time.
  mutating func insertNew() {
    guard !new.isEmpty else { return }
    let calls = new
    new.removeAll(keepingCapacity: true)
    for call in calls {
      if call.isCancelled {
        cancellations -= 1
      } else {
        call.applyPostponement()
        push(call)
      }
    }
  }

  /// Takes the next call that is due out; one that was postponed is put back in its new place.
  mutating func popDue(at now: Int64) -> DelayedCall? {
    while let first = heap.first, first.time <= now {
      removeFirst()
      if first.isCancelled {
        cancellations -= 1
      } else if first.postponement > 0 {
        first.applyPostponement()
        push(first)
      } else {
        return first
      }
    }
    return nil
  }

  /// Counts a call that is being cancelled.
  mutating func noteCancellation() {
    cancellations += 1
  }

  /// Moves a call up whose stored time has become earlier; one that is not in the heap yet needs nothing.
  mutating func moveSooner(_ call: DelayedCall) {
    // A call of a heap that was dropped has a place in no heap.
    if heap.indices.contains(call.place), heap[call.place] === call { siftUp(call.place) }
  }

  /// Drops all cancelled calls, if they have become too many.
  mutating func purge() {
    guard cancellations > 50, cancellations > heap.count >> 1 else { return }
    cancellations = 0
    let kept = heap.filter { !$0.isCancelled }
    for call in heap where call.isCancelled { call.place = -1 }
    heap.removeAll(keepingCapacity: true)
    for call in kept { push(call) }
  }

  private mutating func push(_ call: DelayedCall) {
    call.place = heap.count
    heap.append(call)
    siftUp(call.place)
  }

  private mutating func removeFirst() {
    heap[0].place = -1
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    last.place = 0
    siftDown()
  }

  private mutating func siftUp(_ start: Int) {
    var place = start
    let call = heap[place]
    while place > 0 {
      let parent = (place - 1) / 2
      guard call.precedes(heap[parent]) else { break }
      heap[place] = heap[parent]
      heap[place].place = place
      place = parent
    }
    heap[place] = call
    call.place = place
  }

  private mutating func siftDown() {
    var place = 0
    let call = heap[0]
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
      guard heap[child].precedes(call) else { break }
      heap[place] = heap[child]
      heap[place].place = place
      place = child
    }
    heap[place] = call
    call.place = place
  }
}
