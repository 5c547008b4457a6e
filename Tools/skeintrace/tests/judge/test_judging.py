"""What the judge demands of a run: order, causes, moments, values, and that nothing is missing or extra."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import pytest

from skeintrace.format import FormatError, Trace, read
from skeintrace.judge import RecordingError, Verdict, compare, recording, report
from skeintrace.judge.load import check, traces
from skeintrace.judge.verdict import escaped

from .build import RAN, RUN, Row, by_hand, connection, data, io


def judged(expected: tuple[Row, ...], happened: tuple[Row, ...]) -> Verdict:
    return compare(by_hand(*expected), by_hand(*happened))


def rule(expected: tuple[Row, ...], happened: tuple[Row, ...]) -> str:
    divergence = judged(expected, happened).divergence
    return divergence.rule if divergence is not None else "agrees"


def gives(value: Any) -> tuple[Row, ...]:
    return ({"call": "reactor-1.anything", "gives": value},)


@pytest.mark.parametrize(
    ("expected", "found"),
    [(False, 0), (True, 1), (1, 1.0), ("1", 1), (b"a", "a"), (None, False), ([], None), ({"error": "done"}, {"error": "lost"})],
)
def test_values_are_compared_with_their_types(expected: Any, found: Any) -> None:
    assert rule(gives(expected), gives(found)) == "outcome"


def test_a_delay_is_a_number_whichever_kind_a_program_wrote() -> None:
    def later(delay: Any) -> tuple[Row, ...]:
        return ({"call": "reactor-1.callLater", "args": {"delay": delay, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}},)

    assert rule(later(1), later(1.0)) == "agrees"
    assert rule(later(1), later(1.5)) == "arguments"
    assert rule(later(0), later(False)) == "arguments"
    # Nothing counts beyond 2^63 seconds: longer delays are that one.
    assert rule(later(2.0**128), later(2.0**63)) == "agrees"
    assert rule(later(2.0**128), later(2.0**62)) == "arguments"
    assert rule(later(2.0**128), later(-(2.0**128))) == "arguments"


def test_messages_are_for_people_and_errno_is_not() -> None:
    refused = {"error": "refused", "errno": "ECONNREFUSED"}
    assert rule(gives({**refused, "message": "a"}), gives({**refused, "message": "b"})) == "agrees"
    assert rule(gives(refused), gives({**refused, "errno": "EIO"})) == "outcome"


def test_names_are_bound_one_to_one() -> None:
    def asked(*hosts: str) -> tuple[Row, ...]:
        return tuple({"call": "reactor-1.where", "gives": {"ipv4": ["127.0.0.1", {"port": host}]}} for host in hosts)

    assert rule(asked("p-1", "p-2", "p-1"), asked("p-8", "p-9", "p-8")) == "agrees"
    assert rule(asked("p-1", "p-2"), asked("p-8", "p-8")) == "outcome"
    assert rule(asked("p-1", "p-1"), asked("p-8", "p-9")) == "outcome"


def test_an_error_of_the_application_comes_back_from_the_event_that_raised_it() -> None:
    def run(raised: int) -> tuple[Row, ...]:
        raising = [
            {**data(n, b"x"), "raises": {"error": "application", "class": "ZeroDivisionError"}} for n in (1, 2)
        ]
        reason = {"error": "application", "class": "ZeroDivisionError", "raised": raised}
        return (RUN, *connection(1), *connection(2), *raising, io(3, back="protocol-1.connectionLost", args={"reason": reason}), RAN)

    assert rule(run(6), run(6)) == "agrees"
    assert rule(run(6), run(7)) == "arguments"


def test_inside_a_strand_the_order_is_total() -> None:
    lost = io(2, back="protocol-1.connectionLost", args={"reason": {"error": "done"}})
    half = io(2, back="protocol-1.readConnectionLost")
    assert rule((RUN, *connection(1), half, lost, RAN), (RUN, *connection(1), lost, half, RAN)).startswith("strand ")


def test_what_is_missing_and_what_is_extra_is_noticed_to_the_very_end() -> None:
    lost = io(2, back="protocol-1.connectionLost", args={"reason": {"error": "done"}})
    assert rule((RUN, *connection(1), lost, RAN), (RUN, *connection(1), RAN)) == "missing"
    assert rule((RUN, *connection(1), RAN), (RUN, *connection(1), lost, RAN)) == "extra"
    last = {"call": "timer-1.cancel"}
    assert rule((RUN, RAN, last), (RUN, RAN)) == "missing"
    assert rule((RUN, RAN), (RUN, RAN, last)) == "extra"


def test_bytes_are_one_string_and_the_first_difference_is_named() -> None:
    verdict = judged((RUN, *connection(1), data(1, b"abcdef"), RAN), (RUN, *connection(1), data(1, b"abc"), data(1, b"dEf"), RAN))
    assert verdict.divergence is not None
    assert verdict.divergence.rule == "bytes"
    assert "byte 4" in verdict.divergence.reason


def test_what_was_done_after_a_byte_is_not_done_before_it() -> None:
    def run(*parts: tuple[bytes, bool]) -> tuple[Row, ...]:
        made: list[Row] = [RUN, *connection(1)]
        for n, (payload, answers) in enumerate(parts, 4):
            made.append({**data(1, payload), "n": n if not any("call" in row for row in made[1:]) else n + 1})
            if answers:
                made += [{"in": made[-1]["n"], "n": made[-1]["n"] + 1, "call": "transport-1.loseConnection"}, {"end": made[-1]["n"]}]
        return (*made, RAN)

    assert rule(run((b"abc", False), (b"def", True)), run((b"abc", False), (b"def", True))) == "agrees"
    assert rule(run((b"abc", False), (b"def", True)), run((b"abc", True), (b"def", False))) != "agrees"


def test_a_synchronous_callback_belongs_inside_its_call() -> None:
    call = {"call": "reactor-1.listenTCP", "args": {"port": 0, "factory": {"new": "factory-1"}}}
    started = {"in": 1, "back": "factory-1.doStart"}
    ended = {"end": 1, "gives": {"new": "port-1"}}
    after = {"call": "reactor-1.run"}
    assert rule((call, started, ended, after), (call, ended, {**after, "n": 2}, {**started, "in": 2, "turn": 1, "phase": "io", "n": 3})) == "missing"


def timer(delay: float, fired_at: int, turn: int, phase: str = "timer") -> tuple[Row, ...]:
    return (
        {"call": "reactor-1.callLater", "at": 0, "args": {"delay": delay, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}},
        {"call": "reactor-1.run", "at": 10},
        {"in": 2, "turn": turn, "phase": phase, "back": "function-1.call", "of": "timer-1", "at": fired_at},
        {"end": 2},
    )


def test_a_timer_is_never_early() -> None:
    assert rule(timer(0.5, 500_000_000, 3), timer(0.5, 700_000_000, 9)) == "agrees"
    assert rule(timer(0.5, 500_000_000, 3), timer(0.5, 400_000_000, 3)) == "due"


def test_a_timer_without_delay_fires_in_the_turn_that_is_promised() -> None:
    assert rule(timer(0, 1_000, 1), timer(0, 900, 1)) == "agrees"
    assert rule(timer(0, 1_000, 1), timer(0, 1_000, 2)) == "edge turn"


def test_timers_follow_the_order_of_their_due_times() -> None:
    def run(first: float, second: float, fired: tuple[int, int]) -> tuple[Row, ...]:
        asked = [
            {"call": "reactor-1.callLater", "at": n * 10, "args": {"delay": delay, "callable": {"new": f"function-{n}"}}, "gives": {"new": f"timer-{n}"}}
            for n, delay in ((1, first), (2, second))
        ]
        firings = [{"in": 3, "turn": 2, "phase": "timer", "back": f"function-{n}.call", "of": f"timer-{n}", "at": 90_000_000 + n} for n in fired]
        return (*asked, {"call": "reactor-1.run", "at": 50}, *firings, {"end": 3})

    assert rule(run(0.01, 0.02, (1, 2)), run(0.01, 0.02, (1, 2))) == "agrees"
    assert rule(run(0.01, 0.02, (1, 2)), run(0.01, 0.02, (2, 1))) == "edge timer"


def stopping(phase: str, turn: int, shutdown: int) -> tuple[Row, ...]:
    back: Row = {"in": 2, "turn": turn, "phase": phase, "back": "factory-1.buildProtocol", "args": {"addr": {"unix": "a"}}}
    if phase == "timer":
        back = {"in": 2, "turn": turn, "phase": phase, "back": "function-1.call", "of": "timer-1", "at": 2_000_000_000}
    return (
        {"call": "reactor-1.callLater", "at": 0, "args": {"delay": 1.0, "callable": {"new": "function-1"}}, "gives": {"new": "timer-1"}},
        {"call": "reactor-1.run"},
        back,
        {"in": 3, "call": "reactor-1.stop"},
        {"end": 3},
        {"in": 2, "turn": shutdown, "phase": "shutdown", "back": "factory-1.doStop"},
        {"end": 2},
    )


@pytest.mark.parametrize(("phase", "turn", "right", "wrong"), [("io", 4, 5, 4), ("io", 4, 5, 6), ("timer", 4, 4, 5)])
def test_shutdown_begins_in_the_turn_that_is_promised(phase: str, turn: int, right: int, wrong: int) -> None:
    assert rule(stopping(phase, turn, right), stopping(phase, turn, right)) == "agrees"
    assert rule(stopping(phase, turn, right), stopping(phase, turn, wrong)) == "edge turn"


def test_an_accepted_connection_is_known_by_the_attempt_that_made_it() -> None:
    def run(first: int, second: int) -> tuple[Row, ...]:
        asked = [
            {"call": "reactor-1.connectTCP", "args": {"host": "127.0.0.1", "port": {"port": "p-1"}, "factory": {"new": f"factory-{n}"}}, "gives": {"new": f"connector-{n}"}}
            for n in (1, 2)
        ]
        built: list[Row] = []
        for place, cause in enumerate((first, second), 1):
            built += [
                {"in": 3, "turn": 1, "phase": "io", "after": [cause], "back": "factory-9.buildProtocol", "args": {"addr": {"ipv4": ["127.0.0.1", {"port": f"p-{cause + 1}"}]}}, "gives": {"new": f"protocol-{place}"}},
                {"in": 3, "turn": 1, "phase": "io", "back": f"protocol-{place}.makeConnection", "args": {"transport": {"new": f"transport-{place}"}}},
                {"in": 3, "turn": 2, "phase": "io", "back": f"protocol-{place}.dataReceived", "args": {"data": b"from %d" % cause}},
            ]
        return ({"call": "reactor-1.x", "args": {"f": {"new": "factory-9"}}, "n": 0, "at": 0}, *asked, {"call": "reactor-1.run"}, *built, {"end": 3})

    def shifted(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return rows[1:]

    assert rule(shifted(run(1, 2)), shifted(run(2, 1))) == "agrees"


def test_text_from_a_trace_is_escaped_where_it_is_printed() -> None:
    assert escaped("a\x1b[31m\n\u202e") == "a\\x1b[31m\\x0a\\u202e"


HOSTILE: tuple[object, ...] = (None, True, 0, -1, 1.5, "x", "transport-1", b"zz", [], [1, 2], {}, {"ref": "transport-1"}, {"port": "p-1"}, {"set": []}, {"error": "done"})


def test_a_strangers_trace_is_refused_or_judged_and_nothing_else() -> None:
    """Whatever of a trace is replaced by something else: either the format refuses it, or it is judged."""
    chance = random.Random(7)
    documents = []
    for path in traces([str(Path(__file__).parent / "traces")]):
        trace = read(path)
        documents.append([trace.header, *trace.events, {"eof": trace.eof}])
    judged_ones = 0
    for _ in range(3_000):
        rows = copy.deepcopy(chance.choice(documents))
        row = chance.choice([row for row in rows[1:-1] if row])
        _spoil(row, chance)
        trace = Trace(header=rows[0], events=rows[1:-1], lines=list(range(len(rows) - 2)), eof=rows[-1]["eof"], file="spoiled")
        try:
            check(trace, "spoiled")
            spoiled = recording(rows)
        except (FormatError, RecordingError):
            continue
        judged_ones += 1
        report(compare(spoiled, spoiled), spoiled)
    assert judged_ones > 50


def _spoil(value: Any, chance: random.Random) -> None:
    """Replaces one thing somewhere inside a mapping or list."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = chance.choice(keys)
    if isinstance(value[key], (dict, list)) and value[key] and chance.random() < 0.8:
        _spoil(value[key], chance)
    else:
        value[key] = copy.deepcopy(chance.choice(HOSTILE))
