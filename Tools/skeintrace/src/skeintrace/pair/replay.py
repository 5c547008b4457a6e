"""Replays a trace of pair on Twisted: makes the application's calls, and compares everything that crosses.

The run is recorded by the recorder that made the trace, and compared while it happens.
"""

from __future__ import annotations

import os
import socket
from typing import Any, Callable

from twisted.internet.defer import Deferred
from twisted.pair import ethernet, ip, rawudp, testing, tuntap
from zope.interface.verify import verifyObject

from ..format import members
from ..record.journal import EventList
from .active import active
from .compare import Comparer
from .decode import Decoder, Undecodable
from .intercept import INTERFACES
from .parties import FedSystem
from .recorder import PairRecorder
from .script import Script, Step
from .standins import Reactor, RealSystem
from .typed import ifreq_value

CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "MemoryIOSystem": testing.MemoryIOSystem,
    "Tunnel": testing.Tunnel,
    "TuntapPort": tuntap.TuntapPort,
    "TunnelAddress": tuntap.TunnelAddress,
    "EthernetProtocol": ethernet.EthernetProtocol,
    "IPProtocol": ip.IPProtocol,
    "RawUDPProtocol": rawudp.RawUDPProtocol,
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "equal": lambda thing, other: thing == other,
    "unequal": lambda thing, other: thing != other,
    "item": lambda thing, index: thing[index],
    "repr": repr,
}
_STIMULI = ("call", "get", "set", "check")


class Replay:
    """One replay of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.comparer = Comparer(script)
        self.recorder = PairRecorder(EventList(), self.comparer)
        self.decoder = Decoder(self)
        self._reactors: dict[str, Reactor] = {}
        self._sockets: list[socket.socket] = []
        self._deferreds: list[Deferred[Any]] = []

    def run(self) -> Comparer:
        """Plays the script to its end or its first difference."""
        active.recorder = self.recorder
        self.recorder.open_window()
        try:
            self._play(None)
        finally:
            self.recorder.close_window()
            active.recorder = None
            self._let_go()
        for fault in self.recorder.faults[:1]:
            self.comparer.diverge("driver", self.comparer.count, fault.strip().rpartition("\n")[2])
        self.comparer.finish()
        return self.comparer

    # What the application does

    def _play(self, number: int | None) -> None:
        """Makes the application's moves inside an event."""
        for step in self.script.inside.get(number, []):
            if self.comparer.divergence is not None:
                return
            if step.kind not in _STIMULI:
                continue
            if self.recorder.journal.count != step.n - 1:
                missed = self.comparer.step(self.recorder.journal.count + 1)
                name = step.name if missed is None else missed.name
                self.comparer.diverge("missing", self.recorder.journal.count + 1, f"expected {name} before {step.name}")
                return
            try:
                move = self._move(step)
            except Exception as error:  # a value of a stranger's that cannot be made
                self.comparer.diverge("driver", step.n, f"{step.name}: {type(error).__name__}: {error}")
                return
            self._make(step, move)

    def _make(self, step: Step, move: Callable[[], Any]) -> None:
        try:
            result = move()
        except BaseException as error:  # what the system raises is an outcome, whatever it is
            if self.recorder.journal.count < step.n:
                self.comparer.diverge("driver", step.n, f"{step.name}: {error!r}")
            return
        if isinstance(result, Deferred):
            result.addBoth(self._chained)
            self._deferreds.append(result)

    def _chained(self, value: Any) -> Any:
        """What the application put on a Deferred runs."""
        if self.recorder.stack[-1].opened is not None:
            self._play(self.recorder.stack[-1].event)
        return value

    def _move(self, step: Step) -> Callable[[], Any]:
        """What to do for a step, with its values made."""
        if step.kind == "check":
            check = step.event["check"]
            interface = next(interface for interface, word in INTERFACES.items() if word == check["provides"])
            checked = self.decoder.found(check["object"])
            return lambda: verifyObject(interface, checked)
        if step.kind == "get":
            thing = self.decoder.found(step.target)
            return lambda: getattr(thing, step.member)
        if step.kind == "set":
            thing, value = self.decoder.found(step.target), self.decoder.value(step.event["to"])
            return lambda: setattr(thing, step.member, value)
        function = self._function(step)
        args, kwargs = self._arguments(step)
        return lambda: function(*args, **kwargs)

    def _function(self, step: Step) -> Callable[..., Any]:
        if step.name == "pair.RealSystem":
            return lambda: RealSystem(self.comparer.source_ports.add, self._sockets.append)
        if step.target == "pair":
            return CONSTRUCTORS[step.member]
        if step.target == "build":
            builder: Callable[..., Any] = getattr(testing, f"_{step.member}")
            return builder
        if step.target.startswith("function-"):
            handed = self.recorder.functions.get(step.target)
            if handed is None:
                raise Undecodable("the system handed no such function over")
            return handed
        thing = self.decoder.found(step.target)
        operator = _OPERATORS.get(step.member)
        if operator is not None:
            return lambda *args: operator(thing, *args)

        def call(*args: Any, **kwargs: Any) -> Any:
            function = thing
            for name in step.member.split("."):
                function = getattr(function, name)
            return function(*args, **kwargs)

        return call

    def _arguments(self, step: Step) -> tuple[list[Any], dict[str, Any]]:
        """By place as long as none is left out, then by name."""
        kind = step.target.rpartition("-")[0] or step.target
        order = list(members()[kind, "call", step.member].arguments)
        values = {name: self.decoder.argument(step.member, name, value) for name, value in step.args.items()}
        args = []
        for name in order:
            if name not in values:
                break
            args.append(values.pop(name))
        return args, values

    # What is asked of the application

    def inside(self) -> Any:
        """Does what the application did in the callback that is open, and raises what it raised."""
        number = self.recorder.stack[-1].event
        step = self.comparer.step(number or 0)
        if self.comparer.divergence is not None or step is None:
            return None
        self._play(number)
        if self.comparer.divergence is None and "raises" in step.outcome:
            raise self.decoder.error(step.outcome["raises"])
        return None

    def reactor(self, name: str) -> Reactor:
        """The application's reactor of this name."""
        if name not in self._reactors:
            self._reactors[name] = Reactor(self.inside)
        return self._reactors[name]

    def fed(self) -> FedSystem:
        """A system that answers what the trace says."""
        return _Fed(self)

    def answer(self) -> Any:
        """The recorded outcome of the operation that is open."""
        step = self.comparer.step(self.recorder.stack[-1].event or 0)
        if self.comparer.divergence is not None or step is None:
            raise OSError("the replay is over")
        if "raises" in step.outcome:
            raise self.decoder.error(step.outcome["raises"])
        value = step.outcome.get("gives")
        if step.member == "open" and isinstance(value, dict):
            return 100 + int(value["fd"].rpartition("-")[2])
        return ifreq_value(value["ifreq"]) if isinstance(value, dict) and "ifreq" in value else value

    def _let_go(self) -> None:
        """Closes what the run left open."""
        for made in self._sockets:
            made.close()
        for deferred in self._deferreds:
            deferred.addErrback(lambda failure: None)
        for number in self.recorder.descriptors if self.script.is_real else ():
            try:
                if os.readlink(f"/proc/self/fd/{number}") == "/dev/net/tun":
                    os.close(number)
            except OSError:
                pass


class _Fed(FedSystem):
    """Every operation answers what the trace says."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def open(self, filename: Any, flag: Any, mode: Any = None) -> Any:
        """A descriptor's number, or an error."""
        return self._replay.answer()

    def ioctl(self, fd: Any, opt: Any, arg: Any = None, mutate_flag: Any = None) -> Any:
        """The bytes that came back, or an error."""
        return self._replay.answer()

    def read(self, fd: Any, limit: Any) -> Any:
        """Bytes, or an error."""
        return self._replay.answer()

    def write(self, fd: Any, data: Any) -> Any:
        """A count, or an error."""
        return self._replay.answer()

    def close(self, fd: Any) -> Any:
        """Nothing, or an error."""
        return self._replay.answer()


def replay(script: Script) -> Comparer:
    """Replays a script; the recorder has to be installed."""
    return Replay(script).run()
