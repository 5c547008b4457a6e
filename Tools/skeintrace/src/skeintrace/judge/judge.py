"""The judge: one state machine that is told what happens in a run, and knows from a recording what should.

It is told of every action of the application (`acted`, `ended`) and of every callback (`arrived`, `left`), whether they
come from a run that is under way or from another recording. Who plays the application of a run asks it besides what the
application does next (`next_action`) and how much may be read (`read_limits`).
Everything that comes in and goes out is plain data in the words of the trace; a live object is a name.
"""

from __future__ import annotations

from .application import Application
from .deliveries import Deliveries
from .leftovers import open_at_end
from .run import OUTSIDE, Action, Arrival, Matched, Waits
from .verdict import Divergence, Verdict

__all__ = ["OUTSIDE", "Action", "Arrival", "Judge", "Matched", "Waits"]


class Judge(Application, Deliveries):
    """Judges one run against one recording."""

    def arrived(self, arrival: Arrival) -> Matched | Waits | Divergence:
        """A callback arrives: finds the recorded event it is, and judges it."""
        if self.divergence is not None:
            return self.divergence
        self.happened += 1
        if arrival.moment.turn is not None:
            self.timing.turned = True
        target = self.bindings.recorded_name(arrival.target)
        if arrival.method == "dataReceived" and target is not None and target in self.streams:
            return self._data(arrival, target)
        if arrival.method == "connectionLost" and target is not None and target in self.streams:
            self._cut_tail(target)
        found = self._find(arrival, target)
        if isinstance(found, Divergence):
            return found
        return self._consume(found, arrival, [found])

    def finish(self, pending: tuple[set[str], set[str]] | None = None) -> Verdict:
        """The run is over: everything expected must have come.

        `pending` are the live names of timers still to fire and of transports and ports still open, where the caller
        can tell; they are compared with what the recording leaves behind.
        """
        if self.divergence is None:
            for waiting in self.waiting:
                if waiting.script:
                    self._diverge("join", waiting.script[0], "", "this still waits for what it needs when the run ends")
                    break
        if self.divergence is None:
            for n in self.recording.order:
                event = self.recording.events[n]
                if event.kind == "back" and n not in self._consumed and n not in self._skipped:
                    self._diverge("missing", n, "the run ended", "this callback never came")
                    break
                if event.is_action and not self._done(n):
                    self._diverge("missing", n, "the run ended", "this was never done")
                    break
        if self.divergence is None and pending is not None:
            self._compare_leftovers(*pending)
        events = self.recording.events
        expected = [n for n in self.recording.order if events[n].kind == "back" or events[n].is_action]
        consumed = sum(1 for n in expected if n in self._consumed or n in self._acted or n in self._skipped)
        return Verdict(
            self.recording.title, self.divergence, consumed, len(expected), self.happened, dict(self.freedoms.used)
        )

    def _compare_leftovers(self, timers: set[str], opened: set[str]) -> None:
        for what, live, recorded in (
            ("timers", timers, self._recorded_timing.left),
            ("transports and ports", opened, open_at_end(self.recording, self.strands)),
        ):
            known = {self.bindings.recorded_name(name) or name for name in live} - set(self._recorded_timing.unseen)
            if known != recorded:
                self._diverge(
                    "end", None, f"{what} left: {', '.join(sorted(known)) or 'none'}",
                    f"expected {', '.join(sorted(recorded)) or 'none'}",
                )  # fmt: skip
                return
