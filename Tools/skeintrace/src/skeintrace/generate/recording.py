"""Records programs in this process, one after another, each on a reactor of its own."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from ..record import intercept
from ..record.active import active
from ..record.fold import fold
from ..record.header import header
from ..record.journal import EventList
from ..record.recorder import Recorder
from ..record.sides import sides
from ..record.sink import write_trace
from ..record.trial import BUFFERS, depends_on_buffers
from ..replay.driver import reactor_class, shut

#: Seconds after which a program that does not end is ended.
DEADLINE = 5.0


class Stuck(BaseException):
    """A program came to no end."""


@dataclass
class Recorded:
    """What came of recording a program: why there is no trace, or "" when there is one."""

    path: Path
    why: str = ""
    events: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


def record(text: str, name: str, path: Path, reactor: str = "epoll") -> Recorded:
    """Runs the source of a program under the recorder, and writes its trace."""
    found, sink, recorder, buffers = _run(text, name, reactor, None)
    if not found.why and depends_on_buffers(sink.events):
        found, sink, recorder, buffers = _run(text, name, reactor, BUFFERS)
    found.path = path
    if not found.why:
        head = header(
            title=f"generated: {name}",
            case=f"generated/{name}",
            source=f"{name}.py",
            reactor=reactor,
            buffers=None if buffers is None else {"send": buffers[0], "receive": buffers[1]},
        )
        write_trace(path, head, fold(sink.events), recorder)
    return found


def _run(text: str, name: str, reactor: str, buffers: tuple[int, int] | None) -> tuple[Recorded, EventList, Recorder, tuple[int, int] | None]:
    space: dict[str, Any] = {"__name__": name}
    exec(compile(text, f"{name}.py", "exec"), space)  # noqa: S102 - the text is the generator's own
    sink = EventList()
    recorder = Recorder(sink)
    recorder.opens_with_reactor = True
    recorder.buffers = buffers
    found = Recorded(Path(name))
    intercept.install()
    sides.reset()
    active.recorder = recorder
    previous = signal.signal(signal.SIGALRM, _stuck)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE)
    started = time.monotonic()
    made = None
    try:
        made = reactor_class(reactor)()
        space["main"](made)
    except Stuck:
        found.why = f"not over after {DEADLINE:.0f} s"
    except Exception as error:  # noqa: BLE001 - whatever a program raises is told
        found.why = f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        recorder.close_window()
        active.recorder = None
        sides.reset()
        if made is not None:
            let_go(made)
    found.seconds = time.monotonic() - started
    found.events = recorder.journal.count
    found.faults = recorder.faults
    if recorder.faults:
        found.why = "the recorder failed: " + recorder.faults[0].strip().splitlines()[-1]
    return found, sink, recorder, buffers


def _stuck(signum: int, frame: FrameType | None) -> None:
    raise Stuck


def let_go(reactor: Any) -> None:
    """Closes what a program has left open, and what its reactor holds itself."""
    for thing in reactor.removeAll():
        thing.connectionLost(None)
    shut(reactor)
