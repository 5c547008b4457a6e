"""A reactor, the recorder around it, and what it wrote."""

from __future__ import annotations

import socket
from typing import Any, Callable, Iterator

import pytest
from twisted.internet.epollreactor import EPollReactor

from skeintrace.record import intercept
from skeintrace.record.active import active
from skeintrace.record.journal import Event, EventList
from skeintrace.record.recorder import Recorder
from skeintrace.record.sides import sides

Program = Callable[[Any], None]


class Recording:
    """What a function did with a reactor of its own."""

    def __init__(self) -> None:
        self.sink = EventList()
        self.recorder = Recorder(self.sink)
        self.recorder.opens_with_reactor = True

    @property
    def events(self) -> list[Event]:
        return self.sink.events

    def all(self, key: str, ending: str = "") -> list[Event]:
        """The events of a kind whose member ends so."""
        return [event for event in self.events if key in event and str(event[key]).endswith(ending)]

    def one(self, key: str, ending: str = "") -> Event:
        """The only such event."""
        (event,) = self.all(key, ending)
        return event

    def outcome(self, event: Event) -> Event:
        """Where an event's outcome stands: on its own line, or on its end line."""
        for other in self.events:
            if other.get("end") == event["n"]:
                return other
        return event


@pytest.fixture
def record() -> Iterator[Callable[[Program], Recording]]:
    """Runs a function with a new reactor under the recorder; every reactor it makes is cleaned up behind it."""
    reactors: list[Any] = []

    def run(program: Program) -> Recording:
        recording = Recording()
        intercept.install()
        sides.reset()
        active.recorder = recording.recorder
        try:
            reactor = EPollReactor()
            reactors.append(reactor)
            program(reactor)
        finally:
            recording.recorder.close_window()
            active.recorder = None
            sides.reset()
            intercept.uninstall()
        assert recording.recorder.faults == []
        return recording

    yield run
    for reactor in reactors:
        for reader in list(reactor._internalReaders):
            reactor.removeReader(reader)
            reader.connectionLost(None)
        reactor._internalReaders.clear()
        reactor.disconnectAll()
        for call in reactor.getDelayedCalls():
            call.cancel()
        reactor._poller.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket that listens on the loopback and is nobody's."""
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        end.listen(1)
        yield end
