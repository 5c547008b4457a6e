"""Altered traces: what a judge that can fail must notice.

Each mutant is a whole trace with one alteration of one kind. Judging the unaltered recording against it must diverge,
except for the equivalent ones, which say nothing else than the original does and are told apart by rule, not by trial.
A mutant of the order across strands, or of a turn, is judged the other way round: it is the run, and the original says
what is right.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .compare import compare
from .data import streams
from .drift import Drift
from .edges import Edges
from .freedoms import freedom_to_swap
from .joins import Joins
from .leftovers import recorded_timing
from .recording import Event, Recording, recording
from .strands import Strands
from .verdict import Verdict

Row = dict[str, Any]

KINDS = (
    "dropped", "added", "swapped", "exchanged", "phase", "turn", "byte", "length", "error", "errno", "address", "port", "outcome",
    "type", "value", "tail", "early-close",
)  # fmt: skip
#: Kinds whose altered trace counts as the run, and the original as what is expected of it.
OF_THE_RUN = frozenset({"exchanged", "turn"})


@dataclass(frozen=True)
class Mutant:
    """An altered trace: the kind of alteration, the event it was made at, and the documents."""

    kind: str
    n: int
    what: str
    rows: list[Row]
    #: Why the alteration changes nothing, when it does not: the freedom's name, or the rule's.
    equivalent: str | None = None

    def judged(self, run: Recording) -> Verdict:
        """Judges an unaltered recording by the mutant; where the mutant alters the run, the mutant by the recording."""
        altered = recording(self.rows)
        return compare(run, altered) if self.kind in OF_THE_RUN else compare(altered, run)


def mutants(rows: list[Row], kinds: tuple[str, ...] = KINDS) -> Iterator[Mutant]:
    """Every mutant of a trace, given its documents (header first)."""
    original = recording(rows)
    strands = Strands(original)
    for kind in kinds:
        for mutant in _MAKERS[kind](rows, original, strands):
            changed = _renumbered(mutant.rows)
            yield replace(mutant, rows=changed, equivalent=mutant.equivalent or _same_tail(original, changed, mutant))


def _same_tail(original: Recording, changed: list[Row], mutant: Mutant) -> str | None:
    """Where an abort decides how much of a stream is read, more or less of the same bytes says nothing else."""
    event = original.events[mutant.n]
    if event.method != "dataReceived" or mutant.kind not in ("dropped", "added", "length"):
        return None
    altered = recording(changed)
    before, after = streams(original, Strands(original)), streams(altered, Strands(altered))
    if event.target not in before or event.target not in after or before[event.target].cut_at is None:
        return None
    if original.children.get(event.n):
        return None
    a, b = before[event.target].content(), after[event.target].content()
    return "abort-tail" if a.startswith(b) or b.startswith(a) else None


def _renumbered(rows: list[Row]) -> list[Row]:
    """Events numbered in the order in which they stand; what refers to a number that is gone refers to none."""
    numbers: dict[int, int] = {}
    for row in rows:
        if "n" in row:
            numbers[row["n"]] = len(numbers) + 1
    changed: list[Row] = []
    for row in rows:
        fresh = {key: _raised_renumbered(value, numbers) if key in ("args", "gives", "raises") else value for key, value in row.items()}
        for key in ("n", "in", "end"):
            if key in fresh:
                fresh[key] = numbers.get(fresh[key], fresh[key])
        if "after" in fresh:
            fresh["after"] = [numbers[n] for n in fresh["after"] if n in numbers]
        changed.append(fresh)
    return changed


def _raised_renumbered(value: Any, numbers: Mapping[int, int]) -> Any:
    if isinstance(value, dict):
        return {
            key: numbers.get(item, 0) if key == "raised" else _raised_renumbered(item, numbers) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_raised_renumbered(item, numbers) for item in value]
    return value


def _place(rows: list[Row], n: int) -> int:
    return next(i for i, row in enumerate(rows) if row.get("n") == n)


def _subtree(original: Recording, n: int) -> set[int]:
    found, below = set(), [n]
    while below:
        at = below.pop()
        found.add(at)
        below.extend(original.children.get(at, []))
    return found


def _block(rows: list[Row], original: Recording, n: int) -> list[Row]:
    """The documents of a crossing: its opening, all that is inside it, its end."""
    inside = _subtree(original, n)
    return [row for row in rows if row.get("n") in inside or ("n" not in row and row.get("end") in inside)]


def _without(rows: list[Row], block: list[Row]) -> list[Row]:
    gone = {id(row) for row in block}
    return [row for row in rows if id(row) not in gone]


def _dropped(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    for event in original.callbacks():
        block = _block(rows, original, event.n)
        fold = original.events[event.n].fold is not None
        yield Mutant("dropped", event.n, event.member, _without(rows, block), "one of a folded run" if _repeats(original, event.n) and not fold else None)


def _repeats(original: Recording, n: int) -> bool:
    at: int | None = n
    while at is not None:
        if original.events[at].fold is not None:
            return False
        at = original.events[at].parent
    return False


def _added(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    fresh = max(original.order) + 1
    for event in original.callbacks():
        row = copy.deepcopy(rows[_place(rows, event.n)])
        row["n"] = fresh
        row.pop("repeat", None)
        _rename_new(row)
        block = _block(rows, original, event.n)
        last = max(i for i, other in enumerate(rows) if any(other is inner for inner in block))
        why = None
        if event.method == "dataReceived" and not event.args.get("data"):
            why = "chunks"
        yield Mutant("added", event.n, event.member, [*rows[: last + 1], row, *rows[last + 1 :]], why)


def _rename_new(value: Any) -> None:
    """An object introduced twice is referred to the second time."""
    if isinstance(value, dict):
        if "new" in value:
            name = value.pop("new")
            value.clear()
            value["ref"] = name
        for item in value.values():
            _rename_new(item)
    elif isinstance(value, list):
        for item in value:
            _rename_new(item)


def _swapped(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    for callbacks in strands.callbacks.values():
        for first, second in zip(callbacks, callbacks[1:]):
            a, b = original.events[first], original.events[second]
            if a.parent != b.parent or a.thread != b.thread:
                continue
            one, other = _block(rows, original, first), _block(rows, original, second)
            rest = _without(rows, one + other)
            at = next(i for i, row in enumerate(rows) if row is one[0])
            changed = [*rest[:at], *other, *_between(rows, one, other), *one]
            kept = {id(row) for row in changed}
            changed += [row for row in rest if id(row) not in kept]
            same = (a.member, a.args, a.of, a.outcome) == (b.member, b.args, b.of, b.outcome) and not (
                original.children.get(first) or original.children.get(second)
            )
            if a.method == b.method == "dataReceived" and not original.children.get(first) and not original.children.get(second):
                x, y = a.args.get("data") or b"", b.args.get("data") or b""
                same = x + y == y + x
            yield Mutant("swapped", first, f"{a.member} and {b.member}", changed, "equal" if same else None)


def _exchanged(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    """Two neighbours of different strands change places in the run; free when no path of edges forbids it."""
    edges = Edges(original, strands)
    joins = Joins(original, strands, streams(original, strands))
    drift = Drift(original, strands, edges, joins, recorded_timing(original).delays)
    callbacks = [event for event in original.callbacks() if original.loop_level(event)]
    for a, b in zip(callbacks, callbacks[1:]):
        if a.parent != b.parent or strands.of_callback[a.n] == strands.of_callback[b.n]:
            continue
        one, other = _block(rows, original, a.n), _block(rows, original, b.n)
        rest = _without(rows, one + other)
        at = next(i for i, row in enumerate(rows) if row is one[0])
        changed = [*rest[:at], *other, *_between(rows, one, other), *one]
        kept = {id(row) for row in changed}
        changed += [row for row in rest if id(row) not in kept]
        yield Mutant("exchanged", a.n, f"{a.member} and {b.member}", changed, _freedom(original, edges, drift, a, b))


def _freedom(original: Recording, edges: Edges, drift: Drift, a: Event, b: Event) -> str | None:
    for before in _subtree(original, a.n):
        if any(edges.path(before, after) for after in _subtree(original, b.n)):
            return None
    return freedom_to_swap(a, b, drift.of(a.n) | drift.of(b.n))


def _phase(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    """A callback of the loop comes in another phase."""
    for event in original.callbacks():
        if original.loop_level(event) and event.phase is not None:
            other = "timer" if event.phase == "io" else "io"
            place = _place(rows, event.n)
            yield Mutant("phase", event.n, f"{event.member} in {other}", _changed(rows, place, lambda row: _set(row, ("phase",), other)))


def _turn(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    """What comes in the turn that the reactor promises comes a turn later in the run."""
    timing = recorded_timing(original)
    shutting_down = False
    for event in original.callbacks():
        if not original.loop_level(event):
            continue
        first = event.phase == "shutdown" and not shutting_down and timing.promises_shutdown and timing.stops_in_turn
        shutting_down = shutting_down or event.phase == "shutdown"
        if event.turn is not None and (first or event.of in timing.punctual):
            later = event.turn + 1
            yield Mutant("turn", event.n, event.member, _changed(rows, _place(rows, event.n), lambda row: _set(row, ("turn",), later)))


def _between(rows: list[Row], one: list[Row], other: list[Row]) -> list[Row]:
    inside = {id(row) for row in one + other}
    start = next(i for i, row in enumerate(rows) if row is one[0])
    stop = next(i for i, row in enumerate(rows) if row is other[0])
    return [row for row in rows[start:stop] if id(row) not in inside]


def _changed(rows: list[Row], place: int, change: Callable[[Row], None]) -> list[Row]:
    row = copy.deepcopy(rows[place])
    change(row)
    return [*rows[:place], row, *rows[place + 1 :]]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


def _set(row: Row, path: tuple[Any, ...], value: Any) -> None:
    at: Any = row
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value


def _values(rows: list[Row]) -> Iterator[tuple[int, int, tuple[Any, ...], Any]]:
    """Every value in an argument or an outcome: its document, its event's number, its path, itself."""
    for place, row in enumerate(rows[1:], 1):
        n = row.get("n", row.get("end"))
        if n is None:
            continue
        for key in ("args", "gives", "raises", "to"):
            if key in row:
                for path, value in _paths(row[key], (key,)):
                    yield place, n, path, value


def _at_values(
    kind: str, pick: Callable[[Any, tuple[Any, ...]], Any], why: Callable[[Recording, int, tuple[Any, ...], Any], str | None] | None = None
) -> Callable[[list[Row], Recording, Strands], Iterator[Mutant]]:
    def make(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
        for place, n, path, value in _values(rows):
            replacement = pick(value, path)
            if replacement is None:
                continue
            reason = why(original, n, path, value) if why is not None else None
            what = f"{original.events[n].member} {'.'.join(map(str, path))}"
            yield Mutant(kind, n, what, _changed(rows, place, lambda row: _set(row, path, replacement)), reason)

    return make


def _flip(value: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(value, bytes) and value:
        return bytes([value[0] ^ 1]) + value[1:]
    return None


def _lengthen(value: Any, path: tuple[Any, ...]) -> Any:
    return value + b"!" if isinstance(value, bytes) else None


def _other_error(value: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(value, str) and path[-1] == "error":
        return "timeout" if value != "timeout" else "lost"
    return None


def _other_errno(value: Any, path: tuple[Any, ...]) -> Any:
    if isinstance(value, str) and path[-1] == "errno":
        return "EIO" if value != "EIO" else "EPERM"
    return None


def _other_host(value: Any, path: tuple[Any, ...]) -> Any:
    if len(path) > 1 and path[-1] == 0 and path[-2] in ("ipv4", "ipv6") and isinstance(value, str):
        return value + "1"
    return None


def _other_port(value: Any, path: tuple[Any, ...]) -> Any:
    if path[-1] == "port" and len(path) > 2 and isinstance(value, str):
        return "p-999"
    if len(path) > 1 and path[-1] == 1 and path[-2] in ("ipv4", "ipv6") and type(value) is int:
        return value + 1
    return None


def _only_use(original: Recording, n: int, path: tuple[Any, ...], value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    uses = 0
    for event in original.events.values():
        for part in (event.args, getattr(event.outcome, "value", None), getattr(event.outcome, "error", None)):
            uses += sum(1 for _, item in _paths(part) if isinstance(item, Mapping) and item.get("port") == value)
    return "placeholder" if uses <= 1 else None


def _other_type(value: Any, path: tuple[Any, ...]) -> Any:
    if path[0] in ("gives", "args") and isinstance(value, bool):
        return int(value)
    if path[0] in ("gives", "args") and type(value) is int and value in (0, 1) and path[-1] != "raised":
        return bool(value)
    return None


def _other_value(value: Any, path: tuple[Any, ...]) -> Any:
    """Another plain value of the same type, where it is compared as it is; a text that is an argument, or inside one."""
    if path[-1] in ("message", "text", "origin", "raised", "error", "errno", "gives"):
        return None
    if len(path) > 1 and path[-2] in ("ipv4", "ipv6") and path[-1] in (0, 1):
        return None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        # To a number of more than 2^53 one more adds nothing.
        return value + 1 if value + 1 != value else 0.0
    return value + "x" if isinstance(value, str) and path[0] == "args" and (len(path) == 2 or isinstance(path[-1], int)) else None


def _outcome(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    for place, row in enumerate(rows[1:], 1):
        n = row.get("n", row.get("end"))
        if n is None or original.events[n].kind not in ("call", "back", "get"):
            continue
        closes = row.get("n") is None or not any(other.get("end") == n and "n" not in other for other in rows)
        if not closes or type(original.events[n].outcome).__name__ == "Opened":
            continue

        def change(row: Row) -> None:
            gives = row.get("gives")
            if "raises" in row:
                row["gives"] = 7
                del row["raises"]
            elif isinstance(gives, bool):
                row["gives"] = not gives
            elif isinstance(gives, int | float):
                row["gives"] = gives + 1
            elif gives is None:
                row["gives"] = 7
            else:
                row["raises"] = {"error": "application", "class": "Mutant"}
                del row["gives"]

        yield Mutant("outcome", n, original.events[n].member, _changed(rows, place, change))


def _tail(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    """The last callbacks of the run are lost, all at once."""
    callbacks = [event for event in original.callbacks() if original.loop_level(event)]
    for count in (1, 2, 3):
        if len(callbacks) <= count:
            return
        changed = rows
        for event in callbacks[-count:]:
            changed = _without(changed, _block(changed, original, event.n))
        yield Mutant("tail", callbacks[-count].n, f"the last {count} callbacks", changed)


def _early_close(rows: list[Row], original: Recording, strands: Strands) -> Iterator[Mutant]:
    """A connection is lost one callback of its strand earlier."""
    for callbacks in strands.callbacks.values():
        for before, n in zip(callbacks, callbacks[1:]):
            event, earlier = original.events[n], original.events[before]
            if event.method != "connectionLost" or event.parent != earlier.parent:
                continue
            block = _block(rows, original, n)
            rest = _without(rows, block)
            at = next(i for i, row in enumerate(rest) if row.get("n") == before)
            yield Mutant("early-close", n, event.member, [*rest[:at], *block, *rest[at:]])


_MAKERS: dict[str, Callable[[list[Row], Recording, Strands], Iterator[Mutant]]] = {
    "dropped": _dropped,
    "added": _added,
    "swapped": _swapped,
    "exchanged": _exchanged,
    "phase": _phase,
    "turn": _turn,
    "byte": _at_values("byte", _flip),
    "length": _at_values("length", _lengthen),
    "error": _at_values("error", _other_error),
    "errno": _at_values("errno", _other_errno),
    "address": _at_values("address", _other_host),
    "port": _at_values("port", _other_port, _only_use),
    "outcome": _outcome,
    "type": _at_values("type", _other_type),
    "value": _at_values("value", _other_value),
    "tail": _tail,
    "early-close": _early_close,
}
