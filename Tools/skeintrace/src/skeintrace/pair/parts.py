"""A part of a trace by itself: the port with what its system answered, or the system with what the port asked of it.

Where one part calls another, the crossing is an expectation on one side and a stimulus on the other.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable

from ..format import kind_of_object
from .script import Script, Step

PARTS = ("whole", "port", "io")
_OF_IO = {"io", "tunnel", "socket", "build"}
_MAKES_IO = {"pair.MemoryIOSystem", "pair.RealSystem", "pair.Tunnel"}
NUMBERED = "skeintrace.pair.standins.Numbered"
"""What stands for a port that is asked for its descriptor alone."""


def part_of(script: Script, part: str) -> Script:
    """The steps of a part, renumbered, with the names counted anew."""
    if part == "whole":
        return script
    steps = _port(script) if part == "port" else _io(script)
    return Script(script.header, _renamed(_renumbered(steps)), script.path)


def _is_of_io(step: Step) -> bool:
    return kind_of_object(step.target) in _OF_IO or step.name in _MAKES_IO


def _port(script: Script) -> list[Step]:
    """Without what the application does to the system and its devices. The system is one whose answers are fed."""
    kept = []
    fed = False
    for step in script.steps:
        if step.kind != "io" and (_is_of_io(step) or step.kind == "check" and _checks_io(step)):
            continue
        if step.name == "pair.TuntapPort" and "system" in step.args:
            form = {"ref": "io-1"} if fed else {"new": "io-1", "is": {"system": "fed"}}
            fed = True
            step = _altered(step, args={**step.args, "system": form})
        kept.append(step)
    return kept


def _checks_io(step: Step) -> bool:
    return kind_of_object(step.event["check"].get("object", "")) in _OF_IO


def _io(script: Script) -> list[Step]:
    """What the application does to the system and its devices, and what the port asks, both as calls."""
    kept: list[Step] = []
    if not any(step.name in _MAKES_IO for step in script.steps):
        return kept  # the system is the application's own
    ports_descriptor: Any = None
    for step in script.steps:
        if step.kind == "io":
            if step.member == "open" and "gives" in step.outcome:
                ports_descriptor = step.outcome["gives"]
            event = {("call" if key == "io" else key): value for key, value in step.event.items()}
            step = Step(step.n, None, "call", event, step.outcome, step.line)
        elif not (_is_of_io(step) or step.kind == "check" and _checks_io(step)):
            continue
        if step.member == "getTunnel":
            stand_in = {"new": f"object-{step.n}", "fileno": ports_descriptor, "class": NUMBERED}
            step = _altered(step, args={"port": stand_in})
        kept.append(step)
    return kept


def _altered(step: Step, **keys: Any) -> Step:
    return Step(step.n, step.inside, step.kind, {**step.event, **keys}, step.outcome, step.line)


def _renumbered(steps: list[Step]) -> list[Step]:
    numbers: dict[int | None, int | None] = {None: None}
    numbers.update({step.n: place for place, step in enumerate(steps, 1)})

    def causes(value: Any) -> Any:
        if isinstance(value, dict) and "error" in value and "raised" in value:
            return {**value, "raised": numbers.get(value["raised"], value["raised"])}
        return value

    return [
        Step(
            place, numbers.get(step.inside), step.kind, _mapped(step.event, causes), _mapped(step.outcome, causes), step.line
        )
        for place, step in enumerate(steps, 1)
    ]


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with a change made to it and to everything inside it."""
    value = change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return value


_NAMING = ("new", "ref", "deferred", "fd", "port")


def _renamed(steps: list[Step]) -> list[Step]:
    """Objects are counted as they are introduced; what was left out may have introduced some."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()

    def renamed(name: str) -> str:
        if name not in names:
            kind = kind_of_object(name)
            counts[kind] += 1
            names[name] = f"{kind}-{counts[kind]}"
        return names[name]

    def change(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: renamed(part) if key in _NAMING and _is_name(part) else part for key, part in value.items()}

    found = []
    for step in steps:
        event = _mapped({key: value for key, value in step.event.items() if key != step.kind or not isinstance(value, str)}, change)
        outcome = _mapped(step.outcome, change)
        value = step.event[step.kind]
        if isinstance(value, str):
            target, dot, member = value.partition(".")
            value = (renamed(target) if _is_name(target) else target) + dot + member
            event[step.kind] = value
        found.append(Step(step.n, step.inside, step.kind, event, outcome, step.line))
    return found


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and kind_of_object(value) != value
