"""Replays many traces of pair, and says what became of each."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Iterator

from twisted.logger import globalLogBeginner

from ..format import FormatError
from ..judge.verdict import escaped
from . import intercept, world
from .parts import PARTS, part_of
from .replay import replay
from .script import Script, load


@dataclass
class Result:
    """What became of a run: `agrees`, `diverges`, `not run here` or `unreadable`."""

    path: str
    part: str
    state: str
    text: str
    verdict: dict[str, Any] = field(default_factory=dict)


def parts_named(name: str) -> tuple[str, ...]:
    """The parts that an option names."""
    return PARTS if name == "all" else (name,)


class Runs:
    """Replays traces one after another in this process, with Twisted's classes patched meanwhile."""

    def __init__(self, isolated: bool) -> None:
        self._has_devices = isolated and world.prepare()
        self._isolated = isolated

    def all(self, paths: list[str], parts: tuple[str, ...], repeat: int = 1) -> Iterator[Result]:
        """What becomes of each trace, by parts. A trace that has nothing of a part is left out."""
        globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
        intercept.install()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for _ in range(repeat):
                    for part in parts:
                        for path in paths:
                            yield from self._one(path, part)
        finally:
            intercept.uninstall()

    def _one(self, path: str, part: str) -> Iterator[Result]:
        try:
            whole = load(path)
        except (FormatError, OSError) as error:
            yield Result(path, part, "unreadable", str(error))
            return
        script = part_of(whole, part)
        if not script.steps or part != "whole" and script.is_real:
            return
        if script.is_real and not self._isolated:
            yield Result(path, part, "not run here", "real devices are opened in a network namespace of the tool's own alone")
        elif script.needs_devices and not self._has_devices:
            yield Result(path, part, "not run here", "the devices that it needs cannot be made here")
        else:
            yield _replayed(script, part)


def _replayed(script: Script, part: str) -> Result:
    found = replay(script)
    verdict: dict[str, Any] = {"consumed": found.count, "expected": len(script.steps), "relaxed": dict(found.relaxed)}
    difference = found.divergence
    if difference is None:
        used = "".join(f", {name} {count}" for name, count in sorted(found.relaxed.items()))
        return Result(script.path, part, "agrees", f"{script.path}: {found.count} events{used}", verdict)
    verdict["divergence"] = {"kind": difference.kind, "n": difference.n, "line": difference.line, "text": difference.text}
    text = f"{script.path}:{difference.line}: event {difference.n}: {difference.kind}: {escaped(difference.text)}"
    return Result(script.path, part, "diverges", text, verdict)
