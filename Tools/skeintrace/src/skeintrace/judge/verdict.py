"""What the judge found: agreement, or the first divergence with what it broke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .agreement import Difference
from .recording import Event, Opened, Outcome, Raised, Recording, Returned, Value


@dataclass(frozen=True)
class Divergence:
    """The first place where a run is not its recording.

    `rule` names what was broken: `extra`, `missing`, `arguments`, `outcome`, `bytes`, `phase`, `strand NAME`, `edge NAME`,
    `turn`, `due`, `call`, `end`, `join-unsatisfiable`.
    """

    rule: str
    expected: int | None
    happened: str
    reason: str


@dataclass
class Verdict:
    """The whole result of judging one run against one recording."""

    title: str
    divergence: Divergence | None
    consumed: int
    expected: int
    happened: int
    freedoms: Mapping[str, int] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        return self.divergence is None


def report(verdict: Verdict, recording: Recording, around: int = 2) -> str:
    """A verdict as text: one line when it agrees, the first divergence with its surroundings when it does not."""
    counts = f"{verdict.consumed} of {verdict.expected} events expected, {verdict.happened} happened"
    used = ", ".join(f"{name} {count}" for name, count in sorted(verdict.freedoms.items()) if count)
    freedom = f"; freedoms used: {used}" if used else ""
    divergence = verdict.divergence
    if divergence is None:
        return f"agrees: {escaped(verdict.title)} ({counts}{freedom})"
    lines = [f"diverges: {escaped(verdict.title)}: {divergence.rule} ({counts}{freedom})"]
    if divergence.expected is not None:
        place = recording.order.index(divergence.expected)
        for n in recording.order[max(0, place - around) : place]:
            lines.append("      " + line_of(recording, n))
        lines.append("  -   " + line_of(recording, divergence.expected) + "   expected")
    if divergence.happened:
        lines.append(f"  +   {escaped(divergence.happened)}   happened")
    if divergence.expected is not None:
        for n in recording.order[place + 1 : place + 1 + around]:
            lines.append("      " + line_of(recording, n))
    lines.append("  " + escaped(divergence.reason))
    return "\n".join(lines)


def line_of(recording: Recording, n: int) -> str:
    """One event, for a reader: its number, its depth, what it is and what came of it."""
    event = recording.events[n]
    depth = 0
    at = event.parent
    while at is not None:
        depth += 1
        at = recording.events[at].parent
    return f"{n:>5} " + "  " * min(depth, 8) + escaped(describe(event))


def describe(event: Event) -> str:
    """`transport-1.write(data="ab") gives …`, shortened."""
    words = [f"{event.member}({arguments(event.args)})"]
    if event.of is not None:
        words.append(f"of {event.of}")
    if event.phase is not None:
        words.append(f"[turn {event.turn}, {event.phase}]")
    match event.outcome:
        case Returned(value) if value is not None:
            words.append(f"gives {brief(value)}")
        case Raised(error):
            words.append(f"raises {brief(error)}")
        case Opened():
            words.append("never ended")
    return " ".join(words)


def arguments(args: Mapping[str, Value]) -> str:
    """Arguments by name, shortened."""
    return ", ".join(f"{name}={brief(value)}" for name, value in args.items())


def brief(value: Value, limit: int = 72) -> str:
    """A value in few characters."""
    if isinstance(value, Mapping):
        for key in ("ref", "new", "deferred", "port", "host"):
            if key in value:
                return str(value[key])
        text = "{" + ", ".join(f"{key}: {brief(item, 40)}" for key, item in value.items() if key != "message") + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(brief(item, 40) for item in value) + "]"
    elif isinstance(value, bytes):
        shown = repr(value[:32])[1:]
        text = shown if len(value) <= 32 else f"{shown}… ({len(value)} bytes)"
    elif isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    else:
        text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def escaped(text: str) -> str:
    """Text from a trace, with what a terminal would obey made visible."""
    return "".join(c if c.isprintable() or c == " " else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in text)


def summary(verdict: Verdict, recording: Recording) -> dict[str, Value]:
    """A verdict as plain data."""
    found: dict[str, Value] = {
        "title": verdict.title,
        "agrees": verdict.agrees,
        "consumed": verdict.consumed,
        "expected": verdict.expected,
        "happened": verdict.happened,
        "freedoms": dict(verdict.freedoms),
    }
    if verdict.divergence is not None:
        event = recording.events.get(verdict.divergence.expected) if verdict.divergence.expected is not None else None
        found["divergence"] = {
            "rule": verdict.divergence.rule,
            "event": verdict.divergence.expected,
            "line": event.line if event is not None else None,
            "happened": verdict.divergence.happened,
            "reason": verdict.divergence.reason,
        }
    return found


def spell(difference: Difference) -> str:
    """A difference in words."""
    return f"{difference.path or 'value'}: {difference.why}: expected {brief(difference.expected)}, found {brief(difference.happened)}"


def spell_outcome(event: Event, outcome: Outcome) -> str:
    """What a crossing gave or raised, in words."""
    match outcome:
        case Returned(value):
            return f"{event.member} gave {brief(value)}"
        case Raised(error):
            return f"{event.member} raised {brief(error)}"
        case Opened():
            return f"{event.member} never ended"
