"""The application's side of a run: what it does in a frame, and what it may do next."""

from __future__ import annotations

from collections import deque

from .agreement import Difference
from .leftovers import fires_visibly
from .recording import Event, Outcome, Raised
from .run import Action, Call, Frame, Waiting
from .state import State
from .timing import Moment
from .values import first_reference, kind_of, outcome_value, seconds_of
from .verdict import Divergence, spell, spell_outcome


class Application(State):
    """Judges what the application does."""

    def next_action(self, live_frame: int) -> Event | None:
        """What the application does next in a frame, or `None` when it has done all it can there.

        The action stays next until `acted` says that it happened.
        """
        if self.divergence is not None:
            return None
        frame = self.frames[live_frame]
        if frame.script:
            n = frame.script[0]
            missing = self._missing(n)
            if not missing:
                return self.recording.events[n]
            self._put_off(frame, missing)
        if frame.events and self.recording.events[frame.events[-1]].thread is not None:
            return None  # What waits belongs to the reactor's thread.
        for waiting in self.waiting:
            if waiting.script and not self._missing(waiting.script[0]):
                return self.recording.events[waiting.script[0]]
        return None

    def next_of_thread(self, before: int | None) -> Event | None:
        """What a thread of the application's own does next: once its causes have happened, and before event `before`."""
        if self.divergence is not None:
            return None
        for script in self.threads.values():
            if script and (before is None or script[0] < before):
                event = self.recording.events[script[0]]
                if all(n in self._consumed or n in self._acted for n in event.after) and not self._missing(event.n):
                    return event
        return None

    def acted(self, action: Action, live_frame: int) -> Divergence | None:
        """The application did something in a frame of the run: finds the recorded event it is, and judges it."""
        if self.divergence is not None:
            return self.divergence
        self.happened += 1
        difference: Difference | None = None
        nearest: int | None = None
        offers = self._offers(live_frame) if action.thread is None else [s for s in self.threads.values() if s]
        for script in offers:
            event = self.recording.events[script[0]]
            nearest = event.n if nearest is None else nearest
            if (event.kind, event.method) != (action.kind, action.method):
                continue
            mark = self.bindings.mark()
            found = self._same_target(event, action.target) or self.agreement.arguments(event.args, action.args)
            if found is None:
                script.popleft()
                if event.n in self._acted:
                    self._rearm_below(event.n)
                self._begin(action.live, event.n, action.moment)
                return None
            self.bindings.undo(mark)
            if difference is None:
                difference, nearest = found, event.n
        if difference is not None:
            return self._diverge("arguments", nearest, str(action), spell(difference))
        if nearest is not None:
            return self._diverge("call", nearest, str(action), "the application did something else here")
        return self._diverge("extra", None, str(action), "nothing more was expected of the application here")

    def repeated(self, live: int, live_frame: int, times: int) -> Divergence | None:
        """A call of the run stands for `times` equal ones (in a recording that was folded)."""
        if self.divergence is not None or live not in self.calls:
            return self.divergence
        n, done = self.calls[live].n, 1
        script = self.frames[live_frame].script if live_frame in self.frames else deque()
        while script and script[0] == n and done < times:
            script.popleft()
            done += 1
        if done < times or (script and script[0] == n):
            expected = self.recording.events[n].fold
            return self._diverge(
                "call", n, f"{times} times", f"expected {expected.times if expected is not None else 1} times in a row"
            )
        return None

    def ended(self, live: int, outcome: Outcome, at: int) -> Divergence | None:
        """An action of the run has ended: compares its outcome, and that all that belongs inside it came."""
        if self.divergence is not None:
            return self.divergence
        call = self.calls[live]
        event = self.recording.events[call.n]
        for n in self.recording.inside(call.n):
            if n not in self._consumed and n not in self._skipped:
                return self._diverge(
                    "missing", n, f"{event.member} ended", f"this callback did not come inside event {event.n}"
                )
        difference = self.agreement.outcomes(event.outcome, outcome, event.method)
        if difference is not None:
            return self._diverge("outcome", event.n, spell_outcome(event, outcome), spell(difference))
        self._timed(event, call.moment, at)
        return None

    def left(self, live_frame: int, outcome: Outcome) -> Divergence | None:
        """A callback of the run has returned or raised: compares its outcome, and that the application did its part."""
        if self.divergence is not None:
            return self.divergence
        frame = self.frames[live_frame]
        if frame.script:
            missing = self._missing(frame.script[0])
            if not missing:
                return self._diverge("missing", frame.script[0], "", "the application did not do this")
            self._put_off(frame, missing)
        if not frame.events:
            return None
        event = self.recording.events[frame.events[-1]]
        depends = self._depends_on_waiting(event)
        if depends is not None:
            return self._diverge("join-unsatisfiable", event.n, "", f"its outcome needs {depends}, which is not there yet")
        difference = self.agreement.outcomes(event.outcome, outcome)
        if difference is not None:
            return self._diverge("outcome", event.n, spell_outcome(event, outcome), spell(difference))
        return None

    def _begin(self, live: int, n: int, moment: Moment) -> None:
        event = self.recording.events[n]
        self._acted.add(n)
        self.calls[live] = Call(n, moment)
        self.bindings.events[live] = n
        for stream in self.streams.values():
            if stream.transport == event.target:
                stream.happened(n)
        if event.kind == "call" and event.method == "abortConnection":
            self._aborted.add(self.strands.peers.get(self.strands.of_target.get(n, ""), ""))
        elif event.kind == "peer" and event.method == "reset":
            self._aborted.add(self.strands.peers.get(event.target, ""))
        elif event.kind == "call" and event.target.startswith("reactor") and event.method == "stop":
            self.timing.stopped(moment)
        elif event.kind == "call" and event.method == "callFromThread" and event.thread is None:
            self.timing.queued(first_reference(outcome_value(event)) or "")

    def _timed(self, event: Event, asked: Moment, returned: int) -> None:
        if event.kind != "call" or isinstance(event.outcome, Raised):
            return
        timer = event.target
        seconds = seconds_of(event)
        if event.method == "callLater":
            name = first_reference(outcome_value(event))
            if name is not None and fires_visibly(event):
                self.timing.schedule(name, seconds, asked, returned)
        elif kind_of(timer) == "timer":
            if event.method == "cancel":
                self.timing.cancel(timer)
            elif event.method == "reset":
                self.timing.reset(timer, seconds, asked, returned)
            elif event.method == "delay":
                self.timing.postpone(timer, seconds)

    def _put_off(self, frame: Frame, missing: list[str]) -> None:
        first = frame.script[0]
        if not frame.events:
            self._diverge("missing", first, "", f"this needs {', '.join(missing)}, which has not come")
            return
        if not self.freedoms.use("join"):
            self._diverge("join", first, "", f"this needs {', '.join(missing)}, and join is switched off")
            return
        self.waiting.append(Waiting(frame.events[-1], deque(frame.script)))
        frame.script.clear()

    def _offers(self, live_frame: int) -> list[deque[int]]:
        """What may be done next in a frame: its own script first, then what waits and has all it needs.

        Inside the loop something may come from outside: then the frame is the call that turns it.
        """
        if live_frame in self.calls:
            call = self.calls[live_frame].n
            coming = [events for events in self.actors.values() if events and self.recording.events[events[0]].parent == call]
            return sorted(coming, key=lambda events: events[0])
        frame = self.frames[live_frame]
        waiting = [w.script for w in self.waiting if w.script and not self._missing(w.script[0])]
        return [frame.script, *waiting] if frame.script else waiting

    def _depends_on_waiting(self, event: Event) -> str | None:
        value = outcome_value(event)
        if not isinstance(value, dict) or "ref" not in value:
            return None
        name = str(value["ref"])
        return name if self.bindings.live_name(name) is None else None

    def _same_target(self, event: Event, live: str) -> Difference | None:
        if event.kind in ("peer", "io"):
            table = self.bindings.names if event.kind == "peer" else self.bindings.descriptors
            problem = self.bindings.bind(table, event.target, live)
        else:
            recorded = self.bindings.recorded_name(live)
            problem = None if recorded == event.target else f"{live} is {recorded or 'not known'}, not {event.target}"
        return Difference("object", event.target, live, problem) if problem is not None else None
