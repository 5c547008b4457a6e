"""A trace of pair as a script: its events in total order, and what is inside each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..format import read
from ..format.tree import MEMBERS, OUTCOME
from ..judge.load import check
from ..record.journal import Event

KINDS = (*MEMBERS, "log", "check")


@dataclass(frozen=True)
class Step:
    """One event with its outcome."""

    n: int
    inside: int | None
    kind: str
    event: Event
    """What is compared when it begins: everything but numbers, times and the outcome."""
    outcome: Event
    line: int = 0

    @property
    def name(self) -> str:
        """The object and the member: `tunnelport-1.doRead`."""
        value = self.event[self.kind]
        return value if isinstance(value, str) else self.kind

    @property
    def target(self) -> str:
        """The object."""
        return self.name.partition(".")[0]

    @property
    def member(self) -> str:
        """The member, with dots where it is an object's part: `readBuffer.append`."""
        return self.name.partition(".")[2]

    @property
    def args(self) -> dict[str, Any]:
        """The arguments."""
        value: dict[str, Any] = self.event.get("args", {})
        return value


@dataclass
class Script:
    """The steps of a trace, counted from 1 without gaps."""

    header: dict[str, Any]
    steps: list[Step]
    path: str = ""
    inside: dict[int | None, list[Step]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for step in self.steps:
            self.inside.setdefault(step.inside, []).append(step)

    @property
    def needs_devices(self) -> bool:
        """Whether the machine has to have the tunnels that the trace was recorded with."""
        return "needs" in self.header

    @property
    def is_real(self) -> bool:
        """Whether the system of devices is the machine's."""
        system: str | None = self.header["producer"].get("io")
        return system == "real"


def load(path: Path | str) -> Script:
    """Reads a trace and checks it. Raises FormatError."""
    trace = read(path)
    check(trace, str(path))
    steps = [
        _step(crossing.event, crossing.line) for root in trace.tree() for crossing in root.walk()
    ]
    return Script(trace.header, steps, str(path))


def _step(event: Event, line: int) -> Step:
    kind = next((kind for kind in KINDS if kind in event), "note")
    told = {key: value for key, value in event.items() if key not in ("n", "in", "at", *OUTCOME)}
    outcome = {key: event[key] for key in OUTCOME if key in event}
    if kind == "get":
        told, outcome = {**told, **outcome}, {}
    return Step(event["n"], event.get("in"), kind, told, outcome, line)
