"""The order of a recording: numbers, times, and when a line is written."""

from __future__ import annotations

import _thread
import threading
import time
from dataclasses import dataclass
from typing import Any, Callable, Protocol

Event = dict[str, Any]


class Sink(Protocol):
    """Where a recording's events go, one at a time, in the order of the file."""

    def event(self, event: Event) -> None: ...


class EventList:
    """A sink that keeps the events in memory."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def event(self, event: Event) -> None:
        self.events.append(event)


@dataclass(slots=True)
class Opened:
    """A crossing whose outcome is not known yet."""

    event: Event
    written: bool = False


class Journal:
    """Numbers events and writes each when its outcome is known, or opens it at the next event, poll or exit."""

    def __init__(self, sink: Sink, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._sink = sink
        self._clock = clock
        self._epoch = clock()
        self._lock = threading.RLock()
        self._pending: Opened | None = None
        self._closed = False
        self.count = 0
        self.open = 0

    def restart(self) -> None:
        """Times count from now."""
        self._epoch = self._clock()

    def now(self) -> int:
        """Nanoseconds since the recording started."""
        return self._clock() - self._epoch

    def begin(self, event: Event) -> Opened:
        """Numbers a crossing. Its line waits for the outcome as long as nothing else happens."""
        with self._lock:
            self.flush()
            self.count += 1
            self.open += 1
            event["n"] = self.count
            event["at"] = self.now()
            opened = Opened(event)
            if not self._closed:
                self._pending = opened
            return opened

    def finish(self, opened: Opened, outcome: Event) -> None:
        """Writes a crossing's outcome: on its own line if nothing came between, else on an `end` line."""
        with self._lock:
            self.open -= 1
            if self._closed:
                return
            if self._pending is opened:
                self._pending = None
                opened.event.update(outcome)
                self._sink.event(opened.event)
            else:
                self.flush()
                self._sink.event({"end": opened.event["n"], "at": self.now(), **outcome})

    def leaf(self, event: Event) -> int:
        """Writes an event that nothing can be inside of, and gives its number."""
        with self._lock:
            opened = self.begin(event)
            self.finish(opened, {})
            return self.count

    def flush(self) -> None:
        """Opens the crossing that is still waiting for its outcome."""
        with self._lock:
            opened, self._pending = self._pending, None
            if opened is not None and not self._closed:
                opened.written = True
                self._sink.event(opened.event)

    def watch(self, interval: float = 0.05) -> None:
        """Opens what waits longer than this many seconds, so that a program that hangs or is killed inside a crossing
        leaves it in the file. The thread that does so is not one of `threading`'s, and no program sees it."""

        def look() -> None:
            last: Opened | None = None
            while not self._closed:
                time.sleep(interval)
                with self._lock:
                    if self._pending is not None and self._pending is last:
                        self.flush()
                    last = self._pending

        _thread.start_new_thread(look, ())

    def close(self) -> None:
        """Opens what is open; nothing is written after this."""
        with self._lock:
            self.flush()
            self._closed = True
