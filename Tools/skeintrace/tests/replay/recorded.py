"""Records a program in this process, and replays the recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skeintrace.generate.recording import let_go
from skeintrace.judge import Recording, Verdict, recording
from skeintrace.record import intercept
from skeintrace.record.active import active
from skeintrace.record.fold import fold
from skeintrace.record.journal import EventList
from skeintrace.record.recorder import Recorder
from skeintrace.record.sides import sides
from skeintrace.replay.driver import Driver, reactor_class

HEADER: dict[str, Any] = {
    "format": "skein-trace",
    "version": 1,
    "features": ["reactor"],
    "title": "a program",
    "producer": {"name": "twisted", "version": "0"},
    "started": "2026-01-01T00:00:00Z",
}
Rows = list[dict[str, Any]]


def record(program: Callable[[Any], None], reactor: str = "epoll") -> Rows:
    """Runs a program with a new reactor under the recorder; gives the trace's documents."""
    sink = EventList()
    recorder = Recorder(sink)
    recorder.opens_with_reactor = True
    intercept.install()
    sides.reset()
    active.recorder = recorder
    made = None
    try:
        made = reactor_class(reactor)()
        program(made)
    finally:
        recorder.close_window()
        active.recorder = None
        sides.reset()
        if made is not None:
            let_go(made)
    assert recorder.faults == [], recorder.faults[0]
    events = fold(sink.events)
    return [HEADER, *events, {"eof": {"events": recorder.journal.count, "open": recorder.journal.open, "lost": 0}}]


def replay(
    rows: Rows,
    reactor: str = "epoll",
    shuffle: int | None = None,
    disabled: frozenset[str] = frozenset(),
    deadline: float = 5.0,
) -> tuple[Verdict, Recording]:
    """Replays a trace's documents on a reactor; gives the verdict and the recording."""
    driver, verdict = drive(rows, reactor, shuffle, disabled, deadline)
    return verdict, driver.recording


def drive(
    rows: Rows,
    reactor: str = "epoll",
    shuffle: int | None = None,
    disabled: frozenset[str] = frozenset(),
    deadline: float = 5.0,
) -> tuple[Driver, Verdict]:
    """Replays a trace's documents on a reactor; gives the driver, with all that happened, and the verdict."""
    driver = Driver(recording(rows), reactor_class(reactor), shuffle, disabled)
    verdict = driver.run(deadline)
    assert driver.live.recorder.faults == [], driver.live.recorder.faults[0]
    return driver, verdict
