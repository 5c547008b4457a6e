"""What waits for a clock or a thread has no fixed place beside others, nor has what comes of it; all else keeps its order."""

from __future__ import annotations

from typing import Any

import pytest

from skeintrace.judge import Recording, compare

from .build import by_hand, io

Row = dict[str, Any]


def timer(number: int, delay: float, **more: Any) -> Row:
    args = {"delay": delay, "callable": {"new": f"function-{number}"}}
    return {"call": "reactor-1.callLater", "args": args, "gives": {"new": f"timer-{number}"}, **more}


def fired(number: int, turn: int, **more: Any) -> Row:
    return {"in": 2, "turn": turn, "phase": "timer", "back": f"function-{number}.call", "of": f"timer-{number}", **more}


def chained(delay: float, chained_first: bool) -> Recording:
    """A timer asks for another one with no delay, and a connection is accepted before or after that."""
    accepted = {**io(3), "in": 2, "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}}
    first = [timer(1, delay, n=1), {"call": "reactor-1.run"}, fired(1, 2), timer(2, 0, **{"in": 3}), {"end": 3}]
    last = [fired(2, 3), accepted] if chained_first else [{**accepted, "turn": 2}, fired(2, 3)]
    return by_hand(*first, *last, {"end": 2})


def test_what_a_delayed_timer_asks_for_has_no_fixed_place_beside_the_poll() -> None:
    verdict = compare(chained(0.001, True), chained(0.001, False))
    assert verdict.agrees, verdict.divergence
    assert verdict.freedoms == {"timer-io": 1}


def test_what_waits_for_no_clock_keeps_its_place() -> None:
    verdict = compare(chained(0, True), chained(0, False))
    assert verdict.divergence is not None and verdict.divergence.rule == "order"


def handed(first: int, second: int, called: tuple[int, int]) -> Recording:
    """Two connections hand a call to the loop each; the calls come in an order."""
    accepted = [
        {**io(1), "in": 1, "back": f"factory-{n}.buildProtocol", "args": {"addr": {"unix": str(n)}}, "n": place}
        for n, place in ((first, 2), (second, 4))
    ]
    asked = [
        {"in": place, "n": place + 1, "call": "reactor-1.callFromThread", "args": {"callable": {"new": f"function-{n}"}}, "gives": {"new": f"threadcall-{n}"}}
        for n, place in ((first, 2), (second, 4))
    ]
    calls = [{"in": 1, "turn": 2, "phase": "thread", "back": f"function-{n}.call", "of": f"threadcall-{n}"} for n in called]
    return by_hand(
        {"call": "reactor-1.run", "n": 1}, accepted[0], asked[0], {"end": 2}, accepted[1], asked[1], {"end": 4},
        *[{**call, "n": 6 + place} for place, call in enumerate(calls)], {"end": 1},
    )  # fmt: skip


def test_the_reactor_s_own_calls_come_in_the_order_in_which_they_were_asked_for() -> None:
    expected = handed(1, 2, (1, 2))
    verdict = compare(expected, handed(2, 1, (2, 1)))
    assert verdict.agrees, verdict.divergence
    verdict = compare(expected, handed(1, 2, (2, 1)))
    assert verdict.divergence is not None and verdict.divergence.rule == "edge thread"


def late(lost_first: bool) -> Recording:
    """A timer writes to a connection that the recording has lost before."""
    lost = {**io(3), "in": 2, "back": "protocol-1.connectionLost", "args": {"reason": {"error": "done"}}}
    write: list[Row] = [{"n": 6, "in": 5, "call": "transport-1.write", "args": {"data": b"x"}}]
    rows: list[Row] = [
        timer(1, 0.001, n=1), {"call": "reactor-1.run"},
        {**io(1), "in": 2, "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}, "gives": {"new": "protocol-1"}},
        {**io(1), "in": 2, "back": "protocol-1.makeConnection", "args": {"transport": {"new": "transport-1"}}},
    ]  # fmt: skip
    if lost_first:
        return by_hand(*rows, {**lost, "n": 5}, fired(1, 4, n=6), {**write[0], "n": 7, "in": 6}, {"end": 6}, {"end": 2})
    return by_hand(*rows, fired(1, 3, n=5), {"end": 5}, {**lost, "n": 6}, {**write[0], "n": 7, "in": 6}, {"end": 6}, {"end": 2})


@pytest.mark.parametrize("lost_first", [True, False])
def test_a_call_that_came_too_late_waits_for_the_loss(lost_first: bool) -> None:
    verdict = compare(late(True), late(lost_first))
    assert verdict.agrees, verdict.divergence
    assert ("join" in verdict.freedoms) != lost_first


def asked(other: int) -> Recording:
    """An accepted connection asks for a timer with no delay; another one is accepted before it, between both, or after."""
    first = [
        {**io(1), "in": 1, "n": 0, "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}},
        {"in": 0, "n": 0, "call": "reactor-1.callLater", "args": {"delay": 0, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}},
        {"end": 0},
    ]
    fires = [{"in": 1, "n": 0, "turn": 2, "phase": "timer", "back": "function-1.call", "of": "timer-1"}]
    beside = [{**io(1 if other < 2 else 2), "in": 1, "n": 0, "back": "factory-2.buildProtocol", "args": {"addr": {"unix": "b"}}}]
    groups = [first, fires]
    groups.insert(other, beside)
    made: list[Row] = [{"call": "reactor-1.run", "n": 1}]
    outer = 0
    for row in [row for group in groups for row in group]:
        if "end" in row:
            made.append({"end": outer})
            continue
        n = len([event for event in made if "n" in event]) + 1
        made.append({**row, "n": n, "in": outer if row["in"] == 0 else 1})
        if row.get("back") == "factory-1.buildProtocol":
            outer = n
    return by_hand(*made, {"end": 1})


@pytest.mark.parametrize(("recorded", "happened"), [(0, 2), (2, 0)])
def test_what_comes_of_input_that_overtook_other_input_overtakes_it_too(recorded: int, happened: int) -> None:
    verdict = compare(asked(recorded), asked(happened))
    assert verdict.agrees, verdict.divergence
    assert verdict.freedoms == {"cross-strand": 2}


@pytest.mark.parametrize(("recorded", "happened"), [(1, 2), (2, 1)])
def test_what_comes_of_input_that_overtook_nothing_keeps_its_place(recorded: int, happened: int) -> None:
    verdict = compare(asked(recorded), asked(happened))
    assert verdict.divergence is not None and verdict.divergence.rule == "order"
