"""Altered traces: each expects something else of the system, at one place."""

from __future__ import annotations

import copy
from typing import Any, Callable, Iterator

from skeintrace.pair.script import Script, Step

ERRNOS = {"EBADF": "EINVAL"}
NAMES = {"new", "ref", "deferred", "fd", "port", "what", "level", "class", "text", "message"}
"""Keys whose text is a name, or for people. Classes and names are altered by swapping elsewhere."""


def altered(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """A value altered at one place, in every place and way there is."""
    if isinstance(value, bool):
        yield "truth", not value
        yield "type", int(value)
    elif isinstance(value, int):
        yield "number", value + 1
    elif isinstance(value, bytes):
        if value:
            for place in {0, len(value) // 2, len(value) - 1}:
                yield "byte", value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
            yield "length", value[:-1]
        yield "type", value.decode("latin-1")
    elif isinstance(value, str):
        if key == "errno":
            yield "errno", ERRNOS.get(value, "EBADF")
        elif key == "error":
            yield "family", "runtime" if value != "runtime" else "overflow"
        elif key not in NAMES:
            yield "text", value + "x"
    elif value is None:
        yield "type", False
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for how, other in altered(part, key):
                yield how, [*value[:index], other, *value[index + 1 :]]
        if value:
            yield "shorter", value[:-1]
    elif isinstance(value, dict):
        for inner, part in value.items():
            if inner == "text" and "what" in value:
                continue
            for how, other in altered(part, inner):
                yield how, {**value, inner: other}


def mutants(script: Script) -> Iterator[tuple[str, Script]]:
    """The script, expecting one thing otherwise."""
    fed = any(step.args.get("system") == {"new": "io-1", "is": {"system": "fed"}} for step in script.steps)
    for place, step in enumerate(script.steps):
        for how, other in _expectations(step, answers=not (fed and step.kind == "io")):
            yield how, _with(script, place, other)
        if step.kind in ("back", "io", "log"):
            yield "dropped", _without(script, step)
    for one, other in zip(script.steps, script.steps[1:]):
        if one.inside == other.inside and {one.kind, other.kind} <= {"back", "io", "log"} and one.event != other.event:
            yield "swapped", _swapped(script, one, other)


def _expectations(step: Step, answers: bool) -> Iterator[tuple[str, Step]]:
    """What the system answers for: a call's outcome, a callback's or an operation's arguments, a line of the log. The
    operations of a system of the application's own are answered by the application."""
    if step.kind in ("call", "io") and answers:
        for how, outcome in altered(step.outcome):
            yield how, Step(step.n, step.inside, step.kind, step.event, outcome)
        if step.outcome:
            yield "nothing", Step(step.n, step.inside, step.kind, step.event, {})
        else:
            yield "something", Step(step.n, step.inside, step.kind, step.event, {"gives": 0})
    if step.kind in ("back", "io", "log", "get"):
        for how, event in altered({key: value for key, value in step.event.items() if key != step.kind or step.kind == "log"}):
            yield how, Step(step.n, step.inside, step.kind, {step.kind: step.event[step.kind], **event}, step.outcome)


def _with(script: Script, place: int, step: Step) -> Script:
    steps = list(script.steps)
    steps[place] = step
    return Script(script.header, steps, script.path)


def _renumbered(script: Script, steps: list[Step], numbers: dict[int, int]) -> Script:
    new: Callable[[int | None], int | None] = lambda n: None if n is None else numbers[n]
    made = [
        Step(numbers[step.n], new(step.inside), step.kind, _causes(step.event, numbers), _causes(step.outcome, numbers))
        for step in steps
    ]
    return Script(script.header, sorted(made, key=lambda step: step.n), script.path)


def _causes(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, dict):
        found = {key: _causes(part, numbers) for key, part in value.items()}
        if "error" in found and "raised" in found:
            found["raised"] = numbers.get(found["raised"], found["raised"])
        return found
    return [_causes(part, numbers) for part in value] if isinstance(value, list) else copy.copy(value)


def _without(script: Script, gone: Step) -> Script:
    lost = {gone.n}
    for step in script.steps:
        if step.inside in lost:
            lost.add(step.n)
    kept = [step for step in script.steps if step.n not in lost]
    return _renumbered(script, kept, {step.n: number for number, step in enumerate(kept, 1)})


def _swapped(script: Script, one: Step, other: Step) -> Script:
    numbers = {step.n: step.n for step in script.steps}
    numbers[one.n], numbers[other.n] = other.n, one.n
    return _renumbered(script, script.steps, numbers)
