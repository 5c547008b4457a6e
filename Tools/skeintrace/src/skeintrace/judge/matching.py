"""Which recorded event is this callback? The next one of its strand, chosen by cause where several could be."""

from __future__ import annotations

from collections import deque

from .agreement import Difference
from .order import Order
from .run import Arrival, Frame, Matched
from .values import kind_of
from .verdict import Divergence, spell


class Matching(Order):
    """Finds the recorded event that an arrival is, and takes it in."""

    def _find(self, arrival: Arrival, target: str | None) -> int | Divergence:
        """The recorded event that an arrival is: the next one of its strand, chosen by cause where several could be."""
        key = self._live_key(arrival, target)
        listed = self._by_key.get(key, []) if key is not None else []
        open_ones = [n for n in listed if n not in self._consumed and n not in self._skipped]
        heads = [n for n in open_ones if self._strand[self.strands.of_callback[n]].next == n]
        placed = [n for n in heads if self._same_place(n, arrival)]
        caused = [n for n in placed if self._same_cause(n, arrival)]
        differences: list[tuple[int, Difference]] = []
        for n in self._preferred(caused, arrival):
            difference = self._difference(n, arrival)
            if difference is None:
                return n
            differences.append((n, difference))
        again = self._again(listed, arrival)
        if again is not None:
            return again
        return self._not_found(arrival, open_ones, heads, placed, differences)

    def _live_key(self, arrival: Arrival, target: str | None) -> tuple[str, str] | None:
        if arrival.of is not None:
            of = self.bindings.recorded_name(arrival.of)
            return ("of " + of, arrival.method) if of is not None else None
        if kind_of(arrival.target) == "function":
            parent = self.calls[arrival.parent].n if arrival.parent is not None else None
            return (f"in {parent}", arrival.method)
        return (target, arrival.method) if target is not None else None

    def _same_place(self, n: int, arrival: Arrival) -> bool:
        event = self.recording.events[n]
        parent = self.calls[arrival.parent].n if arrival.parent is not None else None
        return event.parent == parent and (event.thread is None) == (arrival.thread is None)

    def _same_cause(self, n: int, arrival: Arrival) -> bool:
        """Whether an arrival with a known cause has the recorded event's cause."""
        event = self.recording.events[n]
        if event.method != "buildProtocol" or not event.after or not arrival.after:
            return True
        causes = {self.calls[live].n for live in arrival.after if live in self.calls}
        return bool(causes & set(event.after))

    def _preferred(self, candidates: list[int], arrival: Arrival) -> list[int]:
        """Candidates in the order to try: of the strand that this dispatch has just been in, then as recorded."""
        last = self._last_dispatched
        if last is None or (last[1].parent, last[1].moment.turn, last[1].moment.phase) != (
            arrival.parent, arrival.moment.turn, arrival.moment.phase,
        ):  # fmt: skip
            return candidates
        return sorted(candidates, key=lambda n: (self.strands.of_callback[n] != last[0], n))

    def _difference(self, n: int, arrival: Arrival) -> Difference | None:
        mark = self.bindings.mark()
        found = self.agreement.arguments(self.recording.events[n].args, arrival.args)
        self.bindings.undo(mark)
        return found

    def _again(self, listed: list[int], arrival: Arrival) -> int | None:
        """A folded callback that comes once more."""
        for n in listed:
            event = self.recording.events[n]
            if event.fold is None or self._strand[self.strands.of_callback[n]].folded != n:
                continue
            if self._same_place(n, arrival) and self._difference(n, arrival) is None and self.freedoms.use("repeat-count"):
                self._rearm(n)
                return n
        return None

    def _not_found(
        self,
        arrival: Arrival,
        open_ones: list[int],
        heads: list[int],
        placed: list[int],
        differences: list[tuple[int, Difference]],
    ) -> Divergence:
        """Says why no recorded event is this arrival, by the nearest one."""
        happened = str(arrival)
        if differences:
            n, difference = differences[0]
            return self._diverge("arguments", n, happened, spell(difference))
        if placed:
            return self._diverge("edge accept", placed[0], happened, "this connection comes from another attempt to connect")
        if heads:
            return self._diverge("edge tree", heads[0], happened, "it came inside another call than the recorded one")
        if open_ones:
            strand = self.strands.of_callback[open_ones[0]]
            first = self._strand[strand].next
            return self._diverge(
                f"strand {strand}", first, happened, f"event {open_ones[0]} must come after event {first} of its strand"
            )
        near = self._expected_near(arrival)
        return self._diverge("extra", near, happened, "no such callback was expected any more")

    def _expected_near(self, arrival: Arrival) -> int | None:
        """The callback that should have come next, for the report."""
        target = self.bindings.recorded_name(arrival.target)
        for n in self.recording.order:
            event = self.recording.events[n]
            if event.kind == "back" and n not in self._consumed and n not in self._skipped:
                if target is None or event.target == target or self.strands.of_callback[n] == self.strands._objects.get(target):
                    return n
        for n in self.recording.order:
            if self.recording.events[n].kind == "back" and n not in self._consumed and n not in self._skipped:
                return n
        return None

    def _consume(self, n: int, arrival: Arrival, events: list[int]) -> Matched | Divergence:
        """Judges the order and the moment of a callback, and takes it in."""
        event = self.recording.events[n]
        problem = self._out_of_order(event, arrival) or self._out_of_time(event, arrival)
        if problem is not None:
            return problem
        difference = self.agreement.arguments(event.args, arrival.args) if event.method != "dataReceived" else None
        if difference is not None:
            return self._diverge("arguments", n, str(arrival), spell(difference))
        if event.of is not None:
            self.timing.fired(event.of)
        strand_name = self.strands.of_callback[n]
        for done in events:
            self._take(done)
        self.bindings.events[arrival.live] = events[-1]
        self._last_dispatched = (strand_name, arrival)
        script = deque(child for done in events for child in self.recording.script(done))
        self.frames[arrival.live] = Frame(events, script, arrival.moment)
        return Matched(events[-1], arrival.live)
