"""Compares what happens with what a trace expects: in strict total order, the first difference ends it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..record.journal import Event
from .kernel import frame_of
from .same import described, difference, same
from .script import Script, Step

RELAXATIONS = ("port-binding", "kernel-frame")
"""What a real device may do otherwise than recorded: nothing else, and each use is counted."""


@dataclass(frozen=True)
class Divergence:
    """The first difference."""

    kind: str
    """`event`, `outcome`, `extra`, `missing` or `driver`."""
    n: int
    text: str
    line: int = 0


class Comparer:
    """Takes the events of a run, and compares each with the step of its number."""

    def __init__(self, script: Script, strict: bool = False) -> None:
        self.script = script
        self._strict = strict
        """Whether a real device may do nothing otherwise than recorded either."""
        self.divergence: Divergence | None = None
        self.relaxed: Counter[str] = Counter()
        self.count = 0
        self._ended: set[int] = set()
        self.source_ports: set[int] = set()
        """The ports that the kernel gave in this run."""

    def step(self, n: int) -> Step | None:
        """The step of a number."""
        return self.script.steps[n - 1] if 0 < n <= len(self.script.steps) else None

    def diverge(self, kind: str, n: int, text: str) -> None:
        """Notes the first difference; later ones follow from it and are not told."""
        if self.divergence is None:
            step = self.step(n)
            self.divergence = Divergence(kind, n, text, 0 if step is None else step.line)

    def begun(self, event: Event) -> None:
        """An event has begun."""
        if self.divergence is not None:
            return
        self.count += 1
        step = self.step(event["n"])
        if step is None:
            self.diverge("extra", event["n"], f"expected nothing more, found {described(event)}")
            return
        told = {key: value for key, value in event.items() if key not in ("n", "in", "at", "gives", "raises")}
        if step.kind == "get" and "gives" in event:
            told["gives"] = event["gives"]
        if step.inside != event.get("in"):
            where = f"inside {step.inside}, found it inside {event.get('in')}"
            self.diverge("event", step.n, f"expected {described(step.event)} {where}")
        elif not same(step.event, told):
            found = difference(step.event, told) if step.kind in told and step.event[step.kind] == told[step.kind] else ""
            self.diverge("event", step.n, found or f"expected {described(step.event)}, found {described(told)}")

    def ended(self, number: int, outcome: Event) -> None:
        """A crossing has ended."""
        if self.divergence is not None:
            return
        step = self.step(number)
        if step is None or same(step.outcome, outcome) and not self._is_binding(step):
            self._ended.add(number)
            return
        if self._is_relaxed(step, outcome):
            self._ended.add(number)
            return
        self.diverge("outcome", number, f"{described(step.event)}: {difference(step.outcome, outcome)}")

    def finish(self) -> None:
        """The run is over: nothing may be missing."""
        if self.divergence is not None:
            return
        for step in self.script.steps:
            if step.n > self.count:
                self.diverge("missing", step.n, f"expected {described(step.event)}, found the end")
                return
            if step.kind in ("call", "back", "io") and step.outcome and step.n not in self._ended:
                self.diverge("missing", step.n, f"expected the end of {described(step.event)}")
                return

    # What a kernel chooses

    def _is_binding(self, step: Step) -> bool:
        return self._allows() and step.member == "sendUDP" and "gives" in step.outcome

    def _allows(self) -> bool:
        return self.script.is_real and not self._strict

    def _is_relaxed(self, step: Step, outcome: Event) -> bool:
        if not self._allows():
            return False
        if self._is_binding(step):
            is_same = same(step.outcome, outcome)
            self.relaxed["port-binding"] += is_same
            return is_same
        if step.member != "read" or not isinstance(step.outcome.get("gives"), bytes):
            return False
        return self._same_frame(step.outcome["gives"], outcome.get("gives"))

    def _same_frame(self, expected: bytes, found: Any) -> bool:
        information = bool(self.script.header.get("needs", {}).get("pi"))
        if not isinstance(found, bytes):
            return False
        one, other = frame_of(expected, information), frame_of(found, information)
        if one is None or other is None or one.masked() != other.masked() or not other.is_right():
            return False
        if other.source_port not in self.source_ports:
            return False
        self.relaxed["kernel-frame"] += 1
        return True


def compare(expected: Script, happened: Script) -> Comparer:
    """Compares two recordings, strictly. Nothing is run."""
    comparer = Comparer(expected, strict=True)

    def walk(number: int | None) -> None:
        for step in happened.inside.get(number, []):
            comparer.begun({"n": step.n, **({} if number is None else {"in": number}), **step.event})
            walk(step.n)
            if step.kind in ("call", "back", "io"):
                comparer.ended(step.n, step.outcome)

    walk(None)
    comparer.finish()
    return comparer
