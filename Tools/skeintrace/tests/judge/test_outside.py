"""What comes from outside while the loop turns: whose turn it is, and what it may change places with."""

from __future__ import annotations

from skeintrace.judge import Judge, compare
from skeintrace.judge.judge import OUTSIDE, Action, Arrival, Matched
from skeintrace.judge.recording import Returned
from skeintrace.judge.timing import Moment

from .build import RAN, RUN, Row, by_hand

READ: Row = {"call": "reactor-1.addReader", "args": {"reader": {"new": "reader-1"}}}


def sends(peer: int, data: bytes) -> Row:
    return {"in": 1, "peer": f"peer-{peer}.send", "args": {"data": data}}


def one_after_the_other(first: int = 1, second: int = 2) -> list[Row]:
    return [RUN, sends(first, b"%d" % first), sends(second, b"%d" % second), RAN]


def test_peers_of_two_recordings_may_change_places() -> None:
    assert compare(by_hand(*one_after_the_other()), by_hand(*one_after_the_other(2, 1))).agrees


def test_the_steps_of_one_peer_may_not() -> None:
    verdict = compare(by_hand(RUN, sends(1, b"a"), sends(1, b"b"), RAN), by_hand(RUN, sends(1, b"b"), sends(1, b"a"), RAN))
    assert verdict.divergence is not None
    assert (verdict.divergence.rule, verdict.divergence.expected) == ("arguments", 2)


def test_a_step_that_is_not_made_is_missed() -> None:
    verdict = compare(by_hand(*one_after_the_other()), by_hand(RUN, sends(1, b"1"), RAN))
    assert verdict.divergence is not None
    assert (verdict.divergence.rule, verdict.divergence.expected) == ("missing", 3)


def test_a_step_more_is_one_too_many() -> None:
    verdict = compare(by_hand(RUN, sends(1, b"1"), RAN), by_hand(*one_after_the_other()))
    assert verdict.divergence is not None
    assert verdict.divergence.rule == "extra"


def test_a_step_comes_once_the_loop_turns_and_all_before_it_has_come() -> None:
    loop: Row = {"call": "reactor-1.run"}
    read = {"in": 2, "turn": 1, "phase": "io", "back": "reader-1.doRead"}
    step = {"in": 2, "peer": "peer-1.send", "args": {"data": b"a"}}
    judge = Judge(by_hand(READ, loop, read, step, {"end": 2}))
    at = Moment(0)
    assert judge.next_of_actor() is None
    judge.acted(Action(1, "call", "reactor-1", "addReader", {"reader": {"new": "reader-1"}}, at), OUTSIDE)
    judge.ended(1, Returned(), 0)
    judge.acted(Action(2, "call", "reactor-1", "run", {}, at), OUTSIDE)
    assert judge.next_of_actor() is None
    assert isinstance(judge.arrived(Arrival(3, "reader-1", "doRead", {}, Moment(0, 1, "io"), 2)), Matched)
    judge.left(3, Returned())
    step_now = judge.next_of_actor()
    assert step_now is not None and step_now.n == 4
    judge.acted(Action(4, "peer", "peer-7", "send", {"data": b"a"}, at), 2)
    assert judge.divergence is None
    assert judge.next_of_actor() is None


def test_a_timer_does_not_fire_before_a_step_that_was_recorded_before_it() -> None:
    asked: Row = {"call": "reactor-1.callLater", "args": {"delay": 1, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}}
    step = {"in": 2, "peer": "peer-1.connect", "args": {"address": {"ipv4": ["127.0.0.1", 80]}}}
    fires = {"in": 2, "turn": 9, "phase": "timer", "back": "function-1.call", "of": "timer-1"}
    judge = Judge(by_hand(asked, {"call": "reactor-1.run"}, step, fires, {"end": 2}))
    at = Moment(0)
    judge.acted(Action(1, "call", "reactor-1", "callLater", {"delay": 1, "callable": {"new": "function-1"}}, at), OUTSIDE)
    judge.ended(1, Returned({"new": "timer-1"}), 0)
    judge.acted(Action(2, "call", "reactor-1", "run", {}, at), OUTSIDE)
    assert judge.held_timers() == {"timer-1"}
    judge.acted(Action(3, "peer", "peer-1", "connect", {"address": {"ipv4": ["127.0.0.1", 80]}}, at), 2)
    judge.ended(3, Returned(), 0)
    assert judge.divergence is None
    assert judge.held_timers() == set()


def test_what_the_loop_took_in_one_look_at_its_timers_is_known_before_it_looks() -> None:
    asked: list[Row] = [
        {"call": "reactor-1.callLater", "args": {"delay": n, "callable": {"new": f"function-{n}"}}, "gives": {"new": f"timer-{n}"}} for n in (1, 2, 3)
    ]
    fires = [{"in": 4, "turn": turn, "phase": "timer", "back": f"function-{n}.call", "of": f"timer-{n}"} for n, turn in ((1, 1), (2, 1), (3, 2))]
    judge = Judge(by_hand(*asked, {"call": "reactor-1.run"}, *fires, {"end": 4}))
    at = Moment(0)
    for n in (1, 2, 3):
        judge.acted(Action(n, "call", "reactor-1", "callLater", {"delay": n, "callable": {"new": f"function-{n}"}}, at), OUTSIDE)
        judge.ended(n, Returned({"new": f"timer-{n}"}), 0)
    judge.acted(Action(4, "call", "reactor-1", "run", {}, at), OUTSIDE)
    first = judge.batch()
    assert first is not None and first.timers == {"timer-1", "timer-2"} and not first.is_next
    second = judge.batch(first.end)
    assert second is not None and second.timers == {"timer-3"}
    assert judge.batch(second.end) is None
