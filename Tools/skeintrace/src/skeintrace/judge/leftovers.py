"""What a recording itself shows about its timers, its stop, and what it leaves behind."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from .recording import Event, Raised, Recording, Returned
from .strands import Strands
from .timing import Moment, Timing
from .values import first_reference, kind_of, outcome_value, seconds_of


@dataclass(frozen=True)
class RecordedTiming:
    """What a recording itself shows about its timers and its stop."""

    #: The delay of each timer, in seconds.
    delays: Mapping[str, float]
    #: The timers that fired in the turn that the reactor promises.
    punctual: frozenset[str]
    #: Whether shutdown began in the turn that the reactor promises.
    stops_in_turn: bool
    #: Whether a shutdown began of which the reactor promises the turn.
    promises_shutdown: bool
    #: The timers that had neither fired nor been cancelled at the end.
    left: set[str]
    #: The calls that move each timer, in order.
    moves: Mapping[str, list[int]]
    #: The timers of methods of the system's own, whose firing is no crossing: the first of the loop's callbacks that may have come
    #: after it, None for one that was moved or cancelled.
    unseen: Mapping[str, float | None]


def fires_visibly(event: Event) -> bool:
    """Whether a timer's firing is a crossing: that of a method of the system's own is not."""
    callable_ = event.args.get("callable")
    return not (isinstance(callable_, dict) and "method" in callable_)


#: How much earlier than an event's time what it asked for may be due, in nanoseconds.
MARGIN = 1_000_000


class LoopTimes:
    """When the loop's callbacks came."""

    def __init__(self, recording: Recording) -> None:
        events = [recording.events[n] for n in recording.order]
        events = [event for event in events if event.kind == "back" and recording.loop_level(event)]
        self.callbacks = [event.n for event in events]
        #: The latest time so far, for each of them.
        self.latest = list(accumulate((event.at for event in events), max))

    def first(self, due: float) -> float:
        """The first that came when a timer was due, or the end."""
        place = bisect_left(self.latest, due - MARGIN)
        return self.callbacks[place] if place < len(self.callbacks) else math.inf


def recorded_timing(recording: Recording) -> RecordedTiming:
    """Walk a recording's own timers with the rules that its replay is held to."""
    timing = Timing()
    delays: dict[str, float] = {}
    punctual: set[str] = set()
    unseen: dict[str, float | None] = {}
    callbacks = LoopTimes(recording)
    moves: dict[str, list[int]] = {}
    stops = True
    promises = False
    for n in recording.order:
        event = recording.events[n]
        if event.kind == "back":
            if event.turn is not None:
                timing.turned = True
            if event.of is not None:
                if timing.due_turn(event.of) == event.turn:
                    punctual.add(event.of)
                timing.cancel(event.of)
            if event.phase == "shutdown" and recording.loop_level(event):
                turn = timing.shutdown_turn()
                promises = promises or turn is not None
                if turn is not None and turn != event.turn:
                    stops = False
                timing.stop = None
        elif event.kind == "call" and not isinstance(event.outcome, Raised):
            outer = recording.dispatch(event)
            moment = Moment(event.at, outer.turn, outer.phase)
            if event.method == "callLater":
                name = first_reference(outcome_value(event))
                if name is not None:
                    delays[name] = seconds_of(event)
                    if fires_visibly(event):
                        timing.schedule(name, delays[name], moment, event.at)
                    else:
                        unseen[name] = callbacks.first(event.at + min(delays[name] * 1e9, 1e30))
            elif event.method == "cancel" and kind_of(event.target) == "timer":
                timing.cancel(event.target)
                if event.target in unseen:
                    unseen[event.target] = None
            elif event.method in ("reset", "delay") and kind_of(event.target) == "timer":
                timing.postpone(event.target, 0)
                moves.setdefault(event.target, []).append(n)
                if event.target in unseen:
                    unseen[event.target] = None
                delays[event.target] = max(delays.get(event.target, 0.0), 1e-9)
            elif event.method == "stop" and event.target.startswith("reactor"):
                timing.stopped(moment)
    return RecordedTiming(delays, frozenset(punctual), stops, promises, set(timing.pending), moves, unseen)


def open_at_end(recording: Recording, strands: Strands) -> set[str]:
    """The transports and ports that a recording leaves open."""
    opened: set[str] = set(strands.transports.values())
    for event in (recording.events[n] for n in recording.order):
        if event.kind == "call" and event.method in ("listenTCP", "adoptStreamPort") and isinstance(event.outcome, Returned):
            name = first_reference(event.outcome.value)
            if name is not None:
                opened.add(name)
        if event.kind == "back":
            strand = strands.of_callback[event.n]
            if event.method == "connectionLost" and strand in strands.transports:
                opened.discard(strands.transports[strand])
            elif event.method == "doStop" and kind_of(strand) == "port":
                opened.discard(strand)
    return opened
