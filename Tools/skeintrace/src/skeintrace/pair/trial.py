"""Runs the tests of twisted.pair under the recorder: one trace a test, with its set-up and its clean-ups."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from typing import Any, Iterator

from twisted.trial import reporter

from ..record.header import header, in_words
from ..record.journal import Event, EventList
from ..record.outcome import Outcome
from ..record.sink import save
from ..record.trial import load, slug
from . import intercept
from .active import active
from .recorder import PairRecorder
from .world import device_named

SEED = 1
"""What chance draws from in a test: the tests put a random number into what they send."""


class Run:
    """One test, recorded."""

    def __init__(self, test: Any) -> None:
        self.test = test
        self.sink = EventList()
        self.recorder = PairRecorder(self.sink)

    def record(self) -> reporter.TestResult:
        """Runs the test: everything from its set-up to its clean-ups is in the window."""
        result = reporter.TestResult()  # type: ignore[no-untyped-call]
        random.seed(SEED)
        active.recorder = self.recorder
        self.recorder.open_window()
        try:
            self.test.run(result)
        finally:
            self.recorder.close_window()
            active.recorder = None
        return result


def part_of(test: Any) -> str:
    """The folder of a test's trace below the corpus: `pair/test_tuntap/Tap/write`."""
    return f"pair/{slug(test)}"


def title_of(test: Any) -> str:
    """The test's name in words."""
    _, cls, method = slug(test).split("/")
    return f"{in_words(cls)}: {in_words(method)}"


_SYSTEMS = {"pair.MemoryIOSystem": "memory", "pair.RealSystem": "real"}


def system_in(events: list[Event]) -> str:
    """Which system of devices the application made: `memory`, `real` or none at all."""
    return next((_SYSTEMS[event["call"]] for event in events if event.get("call") in _SYSTEMS), "")


def pair_header(*, title: str, case: str, source: str, events: list[Event], **more: Any) -> dict[str, Any]:
    """The header of a trace of pair."""
    keys = header(title=title, case=case, source=source, reactor="", **more)
    keys["features"] = ["pair"]
    producer = keys["producer"]
    del producer["reactor"]
    producer["byteorder"] = sys.byteorder
    system = system_in(events)
    if system:
        producer["io"] = system
    keys["profile"] = "twisted-compatible"
    device = _device_in(events)
    if system == "real" and device is not None:
        keys["needs"] = device.needs()
    return keys


def _device_in(events: list[Event]) -> Any:
    for event in events:
        argument = event.get("args", {}).get("arg") if str(event.get("call", "")).endswith(".ioctl") else None
        if isinstance(argument, dict) and "ifreq" in argument:
            return device_named(argument["ifreq"]["name"])
    return None


def outcome_of(run: Run, result: reporter.TestResult, devices: bool) -> Outcome:
    """What became of a test, before anything is written. `devices` says whether those that real tests need are there."""
    made = Outcome(run.test.id(), f"twisted/{part_of(run.test)}", "traced", faults=run.recorder.faults)
    if result.skips:
        made.state, made.why = "not run here", str(result.skips[0][1])
    elif (result.failures or result.errors) and not devices and system_in(run.sink.events) == "real":
        made.state, made.why = "not run here", "the devices that it needs cannot be made here"
    elif result.failures or result.errors:
        made.state = "failed"
        made.why = "; ".join(str(failure) for _, failure in [*result.failures, *result.errors])
    elif not run.sink.events:
        made.state, made.why = "not expressible", "nothing crosses a boundary"
    return made


def record(names: list[str], folder: Path | None, only: str = "", devices: bool = False) -> Iterator[Outcome]:
    """Runs tests one after another, and writes a trace of each."""
    from twisted.logger import globalLogBeginner

    globalLogBeginner.beginLoggingTo([], redirectStandardIO=False, discardBuffer=True)
    tests = load(names)
    intercept.install()
    try:
        for test in tests:
            if not hasattr(test, "_testMethodName") or not re.search(only, test.id()):
                continue
            run = Run(test)
            made = outcome_of(run, run.record(), devices)
            made.events = run.recorder.journal.count
            if made.state == "traced" and folder is not None:
                made.relative = slug(test) + ".yaml"
                made.path = folder / made.relative
                head = pair_header(
                    title=title_of(test), case=made.case, source=made.test, events=run.sink.events, suite="trial", seed=SEED
                )
                save(made.path, head, run.sink.events, run.recorder.journal.open, run.recorder.values.opaque)
            yield made
    finally:
        intercept.uninstall()
