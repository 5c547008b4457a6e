"""Order and time: what a callback may overtake, and when it may come."""

from __future__ import annotations

from dataclasses import dataclass

from .freedoms import freedom_to_swap
from .recording import Event
from .run import Arrival
from .state import State
from .timing import ROUNDING
from .values import kind_of
from .verdict import Divergence


@dataclass(frozen=True)
class Batch:
    """The timers that the loop took in one go in the recording."""

    timers: frozenset[str]
    """Their names in the run."""
    is_next: bool
    """Whether the loop comes to it when it next looks at its timers, and not only when one of these is due."""
    end: int
    """Where it ends among the loop's callbacks."""


class Order(State):
    """Judges when a callback comes."""

    def held_timers(self) -> set[str]:
        """The live timers that must not fire yet, though they may be due.

        A run may be slower than its recording. What the recording has before a timer's firing comes first here too, and
        a timer that was cancelled in time, or never fired, does not fire.
        """
        coming = [events[0] for events in self.actors.values() if events]
        first = min([n for n in (self._first_awaited(), *coming) if n is not None], default=None)
        held = set()
        for name, timer in self.timing.pending.items():
            live = self.bindings.live_name(name)
            fires = self._firing.get(name)
            if live is None or timer.delay == 0:
                continue
            if fires is None or (first is not None and first < fires and not self._is_one_batch(first, fires)):
                held.add(live)
        for name, following in self._recorded_timing.unseen.items():
            live = self.bindings.live_name(name)
            if live is not None and first is not None and following is not None and first < following:
                held.add(live)
        return held

    def batch(self, start: int | None = None) -> Batch | None:
        """What has to be due together when the loop looks at its timers; None where it comes to something else.

        Of timers that fire in one turn, each sees what the others asked for in the next turn at the earliest; and what fires
        in the turn in which the loop ends may not be left behind. A run may be faster than its recording, its timers further
        apart.
        """
        place = self._settled if start is None else start
        while place < len(self._loop_level) and self._is_past(self._loop_level[place]):
            place += 1
        if place == len(self._loop_level):
            return None
        head = self.recording.events[self._loop_level[place]]
        if head.phase != "timer":
            return None
        timers = set()
        while place < len(self._loop_level) and self._is_one_batch(head.n, self._loop_level[place]):
            n = self._loop_level[place]
            event = self.recording.events[n]
            place += 1
            pending = self.timing.pending.get(str(event.of))
            live = self.bindings.live_name(str(event.of)) if pending is not None and pending.delay > 0 else None
            # Until a timer is moved that is to be moved yet, nobody knows when it is due.
            moves = self._recorded_timing.moves.get(str(event.of), [])
            if live is not None and not self._is_past(n) and not any(move < n and move not in self._acted for move in moves):
                timers.add(live)
        is_next = start is None and (not self._is_timer(head) or self.timing.stop is not None)
        return Batch(frozenset(timers), is_next, place)

    def _is_past(self, n: int) -> bool:
        """Whether a callback has come, or need not come any more."""
        event = self.recording.events[n]
        return self._is_settled(n) or (event.method == "dataReceived" and self._abort_made(self.strands.of_callback[n]))

    def _is_one_batch(self, one: int, other: int) -> bool:
        """Whether the loop came to two callbacks in the same look at its timers."""
        a, b = self.recording.events[one], self.recording.events[other]
        return a.phase == b.phase == "timer" and (a.turn, a.parent) == (b.turn, b.parent)

    def put_off(self, live: str, seconds: float) -> None:
        """A held timer was moved: it is due so much later."""
        name = self.bindings.recorded_name(live)
        if name is not None:
            self.timing.put_off(name, seconds)

    def _first_awaited(self) -> int | None:
        """The first callback of the loop that has not come and does not wait for a clock."""
        for n in self._loop_level[self._settled :]:
            event = self.recording.events[n]
            if self._is_settled(n) or self._is_timer(event):
                continue
            if event.method == "dataReceived" and self._abort_made(self.strands.of_callback[n]):
                continue
            return n
        return None

    def next_of_actor(self) -> Event | None:
        """What comes next from outside, once all has come that the loop dispatched before it in the recording."""
        if self.divergence is not None:
            return None
        first = min((events[0] for events in self.actors.values() if events), default=None)
        if first is None or self.recording.events[first].parent not in self._acted:
            return None
        for n in self._loop_level[self._settled :]:
            event = self.recording.events[n]
            if n >= first:
                break
            tail = event.method == "dataReceived" and self._abort_made(self.strands.of_callback[n])
            if not self._is_settled(n) and not tail:
                return None
        return self.recording.events[first]

    def _out_of_order(self, event: Event, arrival: Arrival) -> Divergence | None:
        """Whether this callback overtakes one that must come first."""
        if not self.recording.loop_level(event):
            return None
        own = self.strands.of_callback[event.n]
        while self._settled < len(self._loop_level) and self._is_settled(self._loop_level[self._settled]):
            self._settled += 1
        for n in self._loop_level[self._settled :]:
            if n >= event.n:
                break
            if self._is_settled(n) or self.strands.of_callback[n] == own:
                continue
            before = self.recording.events[n]
            tail = before.method == "dataReceived" and self._abort_made(self.strands.of_callback[n])
            if (tail or self._is_cut_off(event)) and self.freedoms.use("abort-tail"):
                continue
            path = self.edges.path(n, event.n)
            if path:
                names = ", ".join(dict.fromkeys(edge.name for edge in path))
                return self._diverge(
                    f"edge {path[-1].name}", n, str(arrival), f"event {event.n} must come after event {n} (edges: {names})"
                )
            if self._may_overtake(before, event):
                continue
            rule = "edge timer" if self._is_timer(before) and self._is_timer(event) else "order"
            return self._diverge(
                rule, n, str(arrival), f"event {event.n} came before event {n}, and no freedom lets it"
            )
        return None

    def _is_cut_off(self, event: Event) -> bool:
        """Whether these are bytes that the recording has after the other end aborted: they may come at any time."""
        stream = self.streams.get(event.target) if event.method == "dataReceived" else None
        return stream is not None and stream.cut_at is not None and event.n > stream.cut_at

    def _may_overtake(self, before: Event, after: Event) -> bool:
        if self._is_timer(before) and self._is_timer(after) and before.thread == after.thread:
            one, other = str(before.of), str(after.of)
            if one in self.timing.pending:
                return self.timing.precedes(other, one) or (self.timing.indistinct(one, other) and self.freedoms.use("equal-due"))
        if before.of in self.timing.queue and after.of in self.timing.queue:
            return True  # Which of both was asked for first decides `_out_of_time`.
        freedom = freedom_to_swap(before, after, self.drift.of(before.n) | self.drift.of(after.n))
        if freedom is None and self._follows_input(before, after):
            freedom = "cross-strand"
        return freedom is not None and self.freedoms.use(freedom)

    def _follows_input(self, before: Event, after: Event) -> bool:
        """Whether one of two callbacks is what the loop does by itself about input that came on the other side of the other.

        Which input a poll finds together is the kernel's to say. Where one overtook another, what comes of it in the next
        turn does.
        """
        if (before.phase, after.phase) == ("io", "timer"):
            return any(before.n < n < after.n and self._is_input(n) for n in self.edges.past(after.n, before.n))
        if (before.phase, after.phase) == ("timer", "io"):
            first = self._loop_level[self._settled]
            return any(not self._is_settled(n) and self._is_input(n) for n in self.edges.past(before.n, first))
        return False

    def _is_input(self, n: int) -> bool:
        event = self.recording.events[n]
        return event.kind == "back" and event.phase == "io" and self.recording.loop_level(event)

    def _is_timer(self, event: Event) -> bool:
        return event.of is not None and kind_of(event.of) == "timer"

    def _out_of_time(self, event: Event, arrival: Arrival) -> Divergence | None:
        moment = arrival.moment
        if self.recording.loop_level(event) and event.phase != moment.phase:
            return self._diverge(
                "phase", event.n, str(arrival), f"expected in the {event.phase} phase, came in {moment.phase}"
            )
        if event.of is not None and self._is_timer(event):
            early = self.timing.early(event.of, moment.at)
            if early > 0 and not (early <= ROUNDING and self.freedoms.use("clock-rounding")):
                return self._diverge("due", event.n, str(arrival), f"it came {early / 1e9:.9f} s before it was due")
            overtaken = self.timing.overtaken(event.of)
            if overtaken is not None:
                return self._diverge(
                    "edge timer", event.n, str(arrival), f"{overtaken[0]} was due before {event.of} and has not fired"
                )
            turn = self.timing.due_turn(event.of)
            if turn is not None and event.of in self._recorded_timing.punctual and moment.turn != turn:
                return self._diverge(
                    "edge turn", event.n, str(arrival), f"asked for with no delay, it fires in turn {turn}, not {moment.turn}"
                )
        if event.of in self.timing.queue and self.timing.queue[0] != event.of:
            return self._diverge("edge thread", event.n, str(arrival), f"{self.timing.queue[0]} was asked for before {event.of}")
        if moment.phase == "shutdown" and self.recording.loop_level(event):
            turn = self.timing.shutdown_turn()
            if turn is not None and self._recorded_timing.stops_in_turn and moment.turn != turn:
                return self._diverge(
                    "edge turn", event.n, str(arrival), f"shutdown begins in turn {turn} after this stop, not {moment.turn}"
                )
            self.timing.stop = None
        return None
