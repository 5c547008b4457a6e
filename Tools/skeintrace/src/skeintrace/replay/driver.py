"""Plays the application of a recording on a reactor, while the judge watches."""

from __future__ import annotations

import gc
import inspect
import signal
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost

from ..judge.judge import OUTSIDE, Action, Matched
from ..judge.recording import Event, Raised, Recording, Returned
from ..judge.timing import Moment
from ..judge.values import kind_of
from ..judge.verdict import Verdict
from ..record import intercept
from ..record.active import active
from ..record.sides import sides
from .decode import Decoder, Undecodable, failed
from .faults import Faults
from .gate import Gate, put_before
from .inputs import Inputs, Unavailable
from .live import Live
from .outside import Outside
from .pace import Pace
from .peers import Peers
from .reach import refused


class Driver:
    """One run of one recording on one kind of reactor."""

    def __init__(
        self,
        recording: Recording,
        reactor: Callable[[], Any],
        shuffle: int | None = None,
        disabled: frozenset[str] = frozenset(),
        isolated: bool = False,
    ) -> None:
        self.recording = recording
        #: Whether the run has a network of its own; otherwise nothing but the loopback is touched.
        self.isolated = isolated
        self.live = Live(recording, disabled)
        self.judge = self.live.judge
        self.decoder = Decoder(self)
        self.inputs = Inputs(self)
        self.peers = Peers(self)
        self.faults = Faults(self)
        self.outside = Outside(self)
        self.gate = Gate(self, shuffle)
        self.pace = Pace(self)
        self.reactors: list[Any] = []
        self.unavailable: str | None = None
        self._factory = reactor
        self._watched: dict[str, weakref.ref[Any]] = {}
        self._own_number = -1
        self._dropped = {event.target for event in recording.events.values() if event.kind == "drop"}

    # The run as a whole.

    def run(self, deadline: float = 10.0) -> Verdict:
        """Play the recording from beginning to end; a run that takes longer than `deadline` seconds has hung."""
        below = next((event for event in self.recording.events.values() if event.is_below), None)
        if below is not None:
            self.unavailable = f"event {below.n}: faults of operations below the boundary are replayed by Swift"
            return self.judge.finish(None)
        intercept.install()
        sides.reset()
        active.recorder = self.live.recorder
        self.live.recorder.opens_with_reactor = True
        buffers = self.recording.header.get("buffers")
        if isinstance(buffers, Mapping):
            self.live.recorder.buffers = (buffers["send"], buffers["receive"])
        previous = signal.signal(signal.SIGALRM, self._late)
        try:
            self._make_reactors()
            signal.setitimer(signal.ITIMER_REAL, deadline)
            self._script(OUTSIDE)
            signal.setitimer(signal.ITIMER_REAL, 0)
            leftovers = self._leftovers() if not self.live.diverged else None
            return self.judge.finish(leftovers)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
            self.live.recorder.close_window()
            self._tear_down()
            active.recorder = None
            sides.reset()

    def _make_reactors(self) -> None:
        """Make the reactors that the recording uses: one, but for a test of what is between two."""
        used = {"reactor-1"}
        for event in self.recording.events.values():
            if kind_of(event.target) == "reactor":
                used.add(event.target)
        for _ in used:
            reactor = self._factory()
            self.live.names.objects[self.live.recorder.name(reactor, "reactor")] = reactor
            put_before(reactor, self.gate)
            self.pace.keep(reactor)
            self.outside.join(reactor)
            self.reactors.append(reactor)

    def _late(self, *ignored: Any) -> None:
        self.judge.diverge("hung", "", "the run took too long: nothing more happened")
        self.stop()

    def stop(self) -> None:
        """After a divergence: no more is played, and the loop ends."""
        self.live.recorder.passive = True
        for reactor in self.reactors:
            if reactor._started:
                reactor.crash()
                reactor.wakeUp()

    def _leftovers(self) -> tuple[set[str], set[str]]:
        timers, opened = set(), set()
        with self.inputs.aside():
            for name, thing in self.live.names.objects.items():
                kind = kind_of(name)
                if kind == "timer" and thing.active():
                    timers.add(name)
                elif kind in ("transport", "port") and thing.__dict__.get("socket") is not None:
                    opened.add(name)
        return timers, opened

    def _tear_down(self) -> None:
        with self.inputs.aside():
            left = [thing for name, thing in self.live.names.objects.items() if kind_of(name) in ("transport", "port")]
            for reactor in self.reactors:
                try:
                    left += reactor.removeAll()
                except (KeyError, ValueError, OSError):
                    pass
            for thing in left:
                try:
                    thing.connectionLost(failed(ConnectionLost()))
                except Exception:  # noqa: BLE001 - whatever is wrong with it, it is let go of
                    pass
            for reactor in self.reactors:
                shut(reactor)
            self.faults.close()
            self.inputs.close()
            self.peers.close()
            self.outside.close()

    # Playing.

    def play(self, *args: Any, **kwargs: Any) -> Any:
        """The application's part of the callback that has just come: its calls, then its outcome."""
        if self._is_reactor_thread():
            self.gate.widen()
        found = self.live.arrival()
        if self.live.diverged:
            self.stop()
            return None
        if not isinstance(found, Matched):
            return None
        self._script(found.live)
        if self.live.diverged:
            self.stop()
            return None
        return self._outcome(self.recording.events[found.n])

    def _outcome(self, event: Event) -> Any:
        try:
            if isinstance(event.outcome, Raised):
                raise self.decoder.raising(event.n, event.outcome.error)
            if isinstance(event.outcome, Returned):
                value = event.outcome.value
                if isinstance(value, Mapping) and "error" in value:
                    return self.decoder.error(value)
                return self.decoder.value(value)
        except Undecodable as reason:
            self.judge.diverge("not replayable", event.member, str(reason))
            self.stop()
        return None

    def _script(self, frame: int) -> None:
        """Do all that the application does in a frame, and what its own threads do meanwhile."""
        while not self.live.diverged:
            with self.live.lock:
                event = self.judge.next_action(frame)
                aside = self.judge.next_of_thread(event.n if event is not None else None) if self._is_reactor_thread() else None
            if aside is not None:
                self._in_thread(aside)
            elif event is not None:
                self.do(event)
            else:
                break
        if self.live.diverged:
            self.stop()

    def _is_reactor_thread(self) -> bool:
        return threading.current_thread() is threading.main_thread()

    def do(self, event: Event) -> None:
        """Do one thing, and see to it that something was seen of it."""
        done = self.judge.progress
        try:
            self._perform(event)
        except (Undecodable, OSError) as reason:
            self.judge.diverge("not replayable", event.member, str(reason))
        except Unavailable as reason:
            self.unavailable = str(reason)
            self.judge.diverge("not run here", event.member, str(reason))
        if self.judge.progress == done:
            self.judge.diverge("not replayable", event.member, "this was done, and nothing was seen of it")

    def _in_thread(self, event: Event) -> None:
        """What a thread of the application's own did: done in a thread, to its end, at this place."""
        thread = threading.Thread(target=self.do, args=(event,), daemon=True)
        thread.start()
        thread.join()

    def act(self, event: Event) -> None:
        """Tell the judge of an action that the recorder does not see."""
        self._own_number -= 1
        live = self.judge.bindings.live_name(event.target) or event.target
        now = self.live.recorder.journal.now()
        action = Action(self._own_number, event.kind, live, event.method, event.args, Moment(now))
        self.judge.acted(action, self.live.current())
        self.judge.ended(self._own_number, Returned(), now)

    # One action.

    def _perform(self, event: Event) -> None:
        match event.kind:
            case "call":
                self._call(event)
            case "get":
                getattr(self.decoder.object(event.target), event.method)
            case "set":
                self._set(event)
            case "peer":
                self.peers.perform(event)
            case "io":
                self.inputs.operate(event)
            case "fault":
                self.faults.perform(event)
            case "drop":
                self._drop(event)
            case "check":
                self._check(event)
            case kind:
                raise Undecodable(f"{kind} {event.member} cannot be replayed")

    def _call(self, event: Event) -> None:
        reason = None if self.isolated else refused(event, self.recording)
        if reason is not None:
            raise Unavailable(reason)
        if event.target == "abstract":
            self._learn(self.decoder.construct(event))
            return
        target = self.decoder.object(event.target)
        args = self.decoder.arguments(event.args)
        try:
            given = None
            if isinstance(target, Deferred):
                self._call_deferred(event, target, args)
            else:
                given = self._invoke(_method(target, event.method), args)
        except BaseException as error:  # noqa: BLE001 - the outcome is the judge's to compare
            if isinstance(error, KeyboardInterrupt) and not isinstance(event.outcome, Raised):
                raise
            return
        self._learn(given)

    def _call_deferred(self, event: Event, deferred: Deferred[Any], args: dict[str, Any]) -> None:
        if event.method == "cancel":
            deferred.cancel()
        elif event.method == "errback":
            deferred.errback(args["fail"])
        else:
            deferred.callback(args.get("result"))

    def _invoke(self, method: Any, args: dict[str, Any]) -> Any:
        """Call a method with arguments under the interface's names."""
        signature = getattr(getattr(method, "__func__", method), "boundary_signature", None)
        extra = list(args.pop("args", ()))
        keywords = dict(args.pop("kwargs", {}))
        if signature is None:
            return method(*args.values(), *extra, **keywords)
        given: list[Any] = []
        parameters = list(inspect.signature(method).parameters.values())
        for place, name in enumerate(signature.positional):
            if name in args:
                given.append(args.pop(name))
            elif extra and parameters[place].default is not inspect.Parameter.empty:
                given.append(parameters[place].default)
            else:
                break
        names = {theirs: ours for ours, theirs in signature.aliases.items()}
        return method(*given, *extra, **{names.get(name, name): value for name, value in args.items()}, **keywords)

    def _learn(self, given: Any) -> None:
        """Keep what a call gave under the name that the run has for it."""
        form = self.live.given
        if not isinstance(form, dict):
            return
        name = form.get("new") or form.get("deferred")
        if name is not None:
            self.live.names.objects.setdefault(name, given)
        if isinstance(given, Deferred):
            if "fired" in form or "failed" in form:
                given.addErrback(lambda ignored: None)
            elif "deferred" in form:
                given.addBoth(self.play)

    def introduced(self, name: str, thing: Any) -> None:
        """A stand-in was made; one that the recording lets go of is watched."""
        if name in self._dropped:
            self._watched[name] = weakref.ref(thing)

    def _set(self, event: Event) -> None:
        thing = self.decoder.object(event.target)
        value = self.decoder.value(event.args["to"])
        if event.method in getattr(thing, "answers", {}):
            thing.answers[event.method] = value
            self.live.recorder.watched.look(thing)
        else:
            setattr(thing, event.method, value)

    def _drop(self, event: Event) -> None:
        self.decoder.own.pop(event.target, None)
        live = self.judge.bindings.live_name(event.target)
        if live is not None:
            self.live.names.objects.pop(live, None)
        self.act(event)

    def _check(self, event: Event) -> None:
        with self.inputs.aside():
            gc.collect()
        reference = self._watched.get(event.target)
        if reference is None or reference() is not None:
            self.judge.diverge("released", event.target, "it is still referred to after it was dropped")
            return
        self.act(event)


def _method(target: Any, name: str) -> Any:
    """A method of an object; `super.` names the one that its class overrides."""
    if not name.startswith("super."):
        return getattr(target, name)
    return getattr(super(type(target), target), name.removeprefix("super."))


def shut(reactor: Any) -> None:
    """Closes what a reactor that will not run again holds itself: its threads, its waker, its poller."""
    if reactor.threadpool is not None:
        reactor._stopThreadPool()
    for reader in list(reactor._internalReaders):
        reactor.removeReader(reader)
        reader.connectionLost(None)
    if hasattr(getattr(reactor, "_poller", None), "close"):
        reactor._poller.close()


def reactor_class(name: str) -> Callable[[], Any]:
    """The reactor of a back end: `epoll`, `poll` or `select`."""
    if name == "epoll":
        from twisted.internet.epollreactor import EPollReactor

        return EPollReactor
    if name == "poll":
        from twisted.internet.pollreactor import PollReactor

        return PollReactor
    from twisted.internet.selectreactor import SelectReactor

    return SelectReactor
