/// How many connections a port accepts in one turn: `numberAccepts` of `twisted.internet.tcp.Port`.
///
/// It adapts: a port that used all of it gets 20 more, any other as many as it used, and at least one.
struct AcceptBudget: Hashable {
  /// The most that the next turn accepts.
  private(set) var limit = 100

  /// A turn's accepting is over.
  ///
  /// - Parameter accepted: How many were accepted.
  mutating func settle(accepted: Int) {
    limit = accepted == limit ? limit + 20 : max(1, accepted)
  }
}
