"""Each named freedom lets one difference through, is counted when it does, and hides nothing when it is switched off."""

from __future__ import annotations

from typing import Any

import pytest

from skeintrace.judge import Recording, compare
from skeintrace.judge.freedoms import FREEDOMS

from .build import RAN, RUN, by_hand, connection, data, io



def two_connections(first: int, second: int) -> Recording:
    return by_hand(RUN, *connection(1), *connection(2), data(first, b"a" * first), data(second, b"a" * second), RAN)


def timer_and_poll(timer_first: bool) -> Recording:
    scheduled = {"call": "reactor-1.callLater", "n": 1, "args": {"delay": 0.002, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}, "at": 0}
    fired = {"in": 2, "turn": 3, "phase": "timer", "back": "function-1.call", "of": "timer-1", "at": 9_000_000}
    received = {"in": 2, "turn": 3, "phase": "io", "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}, "at": 9_500_000}
    both = [fired, received] if timer_first else [{**received, "at": 9_000_000}, {**fired, "at": 9_500_000}]
    return by_hand(scheduled, {"call": "reactor-1.run"}, *both, {"end": 2})


def pool_and_loop(pool_first: bool) -> Recording:
    asked = {"call": "reactor-1.callInThread", "args": {"callable": {"new": "function-1"}}, "gives": {"new": "threadcall-1"}}
    in_pool = {"thread": "t-1", "back": "function-1.call", "of": "threadcall-1"}
    received = {"in": 2, "turn": 1, "phase": "io", "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}}
    both = [in_pool, received] if pool_first else [received, in_pool]
    return by_hand(asked, {"call": "reactor-1.run"}, *both, {"end": 2})


def losses(first: int, second: int) -> Recording:
    lost = [
        {"in": 1, "turn": 2, "phase": "shutdown", "back": f"protocol-{n}.connectionLost", "args": {"reason": {"error": "lost"}}}
        for n in (first, second)
    ]
    return by_hand(RUN, *connection(1), *connection(2), *lost, RAN)


def equal_timers(first: int, second: int) -> Recording:
    # The first is due 2.0 to 2.6 ms after the start, the second 2.1 to 2.3 ms: the clock does not tell which comes first.
    asked = [
        {"call": "reactor-1.callLater", "at": at, "args": {"delay": delay, "callable": {"new": f"function-{n}"}}, "gives": {"new": f"timer-{n}"}}
        for n, at, delay in ((1, 0, 0.002), (2, 600_000, 0.0015))
    ]
    fired = [
        {"in": 3, "turn": 2, "phase": "timer", "back": f"function-{n}.call", "of": f"timer-{n}", "at": 5_000_000 + place}
        for place, n in enumerate((first, second))
    ]
    return by_hand(*asked, {"call": "reactor-1.run", "at": 800_000}, *fired, {"end": 3})


def readers(first: int, second: int) -> Recording:
    made = [{"call": "reactor-1.addReader", "args": {"reader": {"new": f"reader-{n}"}}} for n in (1, 2)]
    return by_hand(*made, {"call": "reactor-1.getReaders", "gives": {"set": [{"ref": f"reader-{first}"}, {"ref": f"reader-{second}"}]}})


def cut(*parts: bytes) -> Recording:
    return by_hand(RUN, *connection(1), *(data(1, part) for part in parts), RAN)


def flood(times: int, folded: bool) -> Recording:
    one = {**data(1, b"x" * 100)}
    many = [{**one, "repeat": {"times": times, "until": "readConnectionLost"}}] if folded else [one] * times
    return by_hand(RUN, *connection(1), *many, io(9, back="protocol-1.readConnectionLost"), RAN)


def aborted(received: int) -> Recording:
    """A client aborts; what its server reads until it notices is the kernel's affair."""
    return by_hand(
        {"call": "reactor-1.connectTCP", "args": {"host": "127.0.0.1", "port": {"port": "p-1"}, "factory": {"new": "factory-2"}}, "gives": {"new": "connector-1"}},
        {"call": "reactor-1.run"},
        {"in": 2, "turn": 1, "phase": "io", "after": [1], "back": "factory-1.buildProtocol", "args": {"addr": {"ipv4": ["127.0.0.1", {"port": "p-2"}]}}, "gives": {"new": "protocol-1"}},
        {"in": 2, "turn": 1, "phase": "io", "back": "protocol-1.makeConnection", "args": {"transport": {"new": "transport-1"}}},
        {"in": 2, "turn": 1, "phase": "io", "after": [1], "back": "factory-2.buildProtocol", "args": {"addr": {"ipv4": ["127.0.0.1", {"port": "p-1"}]}}, "gives": {"new": "protocol-2"}},
        {"in": 2, "turn": 1, "phase": "io", "back": "protocol-2.makeConnection", "args": {"transport": {"new": "transport-2"}}},
        {"in": 6, "call": "transport-2.abortConnection"},
        {"end": 6},
        *([{"in": 2, "turn": 2, "phase": "io", "back": "protocol-1.dataReceived", "args": {"data": b"d" * received}}] if received else []),
        {"in": 2, "turn": 3, "phase": "io", "back": "protocol-1.connectionLost", "args": {"reason": {"error": "lost"}}},
        {"end": 2},
    )


def hasty(at: int) -> Recording:
    return by_hand(
        {"call": "reactor-1.callLater", "at": 0, "args": {"delay": 0.001, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}},
        {"call": "reactor-1.run", "at": 500},
        {"in": 2, "turn": 2, "phase": "timer", "back": "function-1.call", "of": "timer-1", "at": at},
        {"end": 2},
    )


def last_one_stops(first: int, second: int) -> Recording:
    """The reactor is stopped inside whichever of two connections is lost last."""
    lost = [io(3, back=f"protocol-{n}.connectionLost", args={"reason": {"error": "done"}}) for n in (first, second)]
    return by_hand(RUN, *connection(1), *connection(2), *lost, {"in": 7, "call": "reactor-1.stop"}, {"end": 7}, RAN)


PAIRS: dict[str, tuple[Recording, Recording]] = {
    "cross-strand": (two_connections(1, 2), two_connections(2, 1)),
    "timer-io": (timer_and_poll(True), timer_and_poll(False)),
    "cross-thread": (pool_and_loop(True), pool_and_loop(False)),
    "shutdown-set": (losses(1, 2), losses(2, 1)),
    "equal-due": (equal_timers(1, 2), equal_timers(2, 1)),
    "unordered-return": (readers(1, 2), readers(2, 1)),
    "chunks": (cut(b"abc", b"def"), cut(b"ab", b"cdef")),
    "repeat-count": (flood(7, True), flood(3, False)),
    "abort-tail": (aborted(10), aborted(0)),
    "clock-rounding": (hasty(1_000_000), hasty(999_900)),
    "join": (last_one_stops(1, 2), last_one_stops(2, 1)),
}


def test_every_freedom_has_a_pair() -> None:
    assert set(PAIRS) == set(FREEDOMS)


@pytest.mark.parametrize("freedom", sorted(FREEDOMS))
def test_a_freedom_lets_its_difference_through_and_is_counted(freedom: str) -> None:
    expected, happened = PAIRS[freedom]
    verdict = compare(expected, happened)
    assert verdict.agrees, verdict.divergence
    assert verdict.freedoms.get(freedom, 0) > 0


@pytest.mark.parametrize("freedom", sorted(FREEDOMS))
def test_switched_off_it_hides_nothing(freedom: str) -> None:
    expected, happened = PAIRS[freedom]
    assert not compare(expected, happened, frozenset({freedom})).agrees


@pytest.mark.parametrize("freedom", sorted(FREEDOMS))
def test_a_recording_that_needs_no_freedom_uses_none(freedom: str) -> None:
    expected, _ = PAIRS[freedom]
    verdict = compare(expected, expected)
    assert verdict.agrees, verdict.divergence
    assert sum(verdict.freedoms.values()) == 0
