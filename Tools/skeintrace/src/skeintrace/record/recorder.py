"""One recording: what crosses the boundary, from the moment its window opens until it closes."""

from __future__ import annotations

import threading
import traceback
import weakref
from contextlib import contextmanager
from typing import Any, Callable, Iterator

from .addresses import Hosts, Ports, zoned
from .callables import Handed
from .callbacks import Standin, Watched
from .deferreds import Deferreds
from .descriptors import Descriptors
from .garbage import Garbage
from .errors import error_value, remember, strip
from .identity import Names
from .interfaces import Callback
from .journal import Event, Journal, Opened, Sink
from .sides import Side, sides
from .sockets import Sockets
from .system import kind_of, reactor_identity, replaced
from .turn import Turn
from .values import Encoder, Unexpressible


_PLAIN = (type(None), bool, int, str, bytes, float)


class Recorder:
    """Sees every crossing while its window is open, and writes it to a sink."""

    def __init__(self, sink: Sink) -> None:
        self.sides = sides
        self.journal = Journal(sink)
        self.names = Names()
        self.ports = Ports(self.names)
        self.hosts = Hosts(self.names)
        self.values = Encoder(self)
        self.watched = Watched(self)
        self.deferreds = Deferreds(self)
        self.descriptors = Descriptors(self)
        self.garbage = Garbage(self)
        self.sockets = Sockets(self)
        self.turn = Turn()
        self.passive = True
        """Whether crossings go by unrecorded: before the window opens and after it closed."""
        self.closed = False
        self.opens_with_reactor = False
        """Whether the window opens when a reactor has been made."""
        self.connecting: tuple[Any, int] | None = None
        """The socket that the system is connecting, and the event of the attempt."""
        self.signalled: Any = None
        """The reactor whose handler of a signal has run, until that is written."""
        self.applied = False
        """Whether anybody but the test runner has called the system."""
        self.buffers: tuple[int, int] | None = None
        """What the sockets' send and receive buffers are fixed to, if they are."""
        self.faults: list[str] = []
        """What went wrong inside the recorder itself."""
        self.unexpressible: list[str] = []
        """Why parts of the recording cannot be replayed."""
        self._thread = threading.get_ident()
        self._threads: dict[int, str] = {}
        self._reactors: dict[int, tuple[weakref.ref[Any], str | None]] = {}
        self.started: weakref.WeakKeyDictionary[threading.Thread, int] = weakref.WeakKeyDictionary()
        """In which event the application started a thread of its own."""
        self._loops: set[int] = set()
        self._local = threading.local()
        self.attempts: weakref.WeakKeyDictionary[Any, int | None] = weakref.WeakKeyDictionary()
        """Which event started a connector's current attempt."""
        self.clients: dict[tuple[str, int], int] = {}
        """Which event made the connection that has this local address."""

    # The window

    def open_window(self) -> None:
        """Starts recording on this thread, with the application in control."""
        self._thread = threading.get_ident()
        self.journal.restart()
        self.passive = False

    def close_window(self) -> None:
        """Stops recording. What is open stays open in the file."""
        self.passive = True
        self.closed = True
        for reference, _ in self._reactors.values():
            if replaced(reference()):
                self.say_unexpressible("replaced")
        self.journal.close()

    # Names

    def name_of(self, thing: Any) -> str | None:
        """The name of an object that was introduced."""
        identity = reactor_identity(thing)
        if identity is None:
            return self.names.find(thing)
        reference, name = self._reactors.get(identity, (None, None))
        if reference is None or reference() is None:
            return None
        return name or self._name_reactor(identity, thing)

    def meet(self, reactor: Any) -> None:
        """A reactor was made. It has a name from its first use: one that nobody uses is not in the recording."""
        identity = reactor_identity(reactor)
        if identity is not None:
            self._reactors[identity] = (weakref.ref(reactor), None)

    def _name_reactor(self, identity: int, reactor: Any) -> str:
        name = self.names.new("reactor")
        self._reactors[identity] = (weakref.ref(reactor), name)
        return name

    def polled(self) -> list[Any]:
        """What the reactors poll; it is asked of them aside, and no crossing."""
        before, self.passive = self.passive, True
        try:
            reactors = [reference() for reference, name in self._reactors.values() if name is not None]
            return [thing for reactor in reactors if reactor is not None for thing in reactor.getReaders() + reactor.getWriters()]
        finally:
            self.passive = before

    def system_kind(self, thing: Any) -> str | None:
        """What kind of system object this is, if it is one."""
        return kind_of(thing)

    def introduce(self, thing: Any, kind: str) -> dict[str, Any]:
        """The form of an object at its first sight, or a reference."""
        known = self.name_of(thing)
        if known is not None:
            return {"ref": known}
        return {"new": self.name(thing, kind)}

    def name(self, thing: Any, kind: str) -> str:
        """An object's name, given now if it has none."""
        known = self.name_of(thing)
        if known is not None:
            return known
        identity = reactor_identity(thing)
        return self.names.give(thing, kind) if identity is None else self._name_reactor(identity, thing)

    def token(self, thing: Any) -> dict[str, Any]:
        """An object of the application's that means nothing to the system but that it is the same one."""
        return self.introduce(thing, "object")

    def application(self, thing: Any, role: str, made: bool = False) -> dict[str, Any]:
        """An object of the application's that the system will call; `made` when its class is the system's."""
        if not made and (self.system_kind(thing) is not None or isinstance(thing, _PLAIN)):
            form = self.values.value(thing, told=False)
            return form  # type: ignore[no-any-return]
        form = self.introduce(thing, role)
        self.watched.watch(thing, role, form)
        return form

    def inside(self, thing: Any, role: str) -> Any:
        """What the system gets for an object of the application's: the object, if it lets itself be seen."""
        name = self.name_of(thing)
        if name is None or self.system_kind(thing) is not None or self.watched.kinds(thing) is not None:
            return thing
        return Standin(thing, name, role, self.watched)

    def say_unexpressible(self, why: str) -> None:
        """Notes why this recording cannot be replayed in full."""
        if why not in self.unexpressible:
            self.unexpressible.append(why)

    def guard(self, make: Callable[[], Any], otherwise: Any = None) -> Any:
        """Does the recorder's own work; a fault in it is noted and never reaches the program."""
        try:
            return make()
        except Unexpressible:
            raise
        except Exception:
            self.faults.append(traceback.format_exc())
            self.say_unexpressible("fault")
            return otherwise

    # Events

    def place(self) -> Event:
        """Where the next event happens: inside which event, and on which thread."""
        event: Event = {}
        inside = self.sides.stack[-1].event
        if inside is not None:
            event["in"] = inside
        thread = threading.get_ident()
        if thread != self._thread:
            name = self._threads.get(thread)
            if name is None:
                name = self._threads[thread] = self.names.new("t")
                started = self.started.get(threading.current_thread())
                if started is not None:
                    event["after"] = [started]
            event["thread"] = name
        return event

    def leaf(self, event: Event) -> int:
        """Writes an event that nothing happens inside of."""
        return self.journal.leaf({**self.place(), **event})

    def begin_call(self, target: str, member: str, arguments: dict[str, Any], why: str | None = None) -> Opened:
        """The application's call of the system begins; the system has control."""
        event = self.place()
        event["call"] = f"{target}.{member}"
        if arguments:
            event["args"] = arguments
        if why is not None:
            event["unexpressible"] = why
            self.say_unexpressible(why)
        opened = self.journal.begin(event)
        number: int = event["n"]
        if member in ("run", "iterate") and target.startswith("reactor-"):
            self._loops.add(number)
        self.sides.push(Side.SYSTEM, number)
        return opened

    def begin_back(
        self, target: str, member: str, arguments: dict[str, Any], of: str | None = None, after: list[int] | None = None
    ) -> Opened:
        """The system's call of the application begins; the application has control."""
        event = self.place()
        if event.get("in") in self._loops:
            event["turn"] = self.turn.number
            event["phase"] = self.turn.phase
        event["back"] = f"{target}.{member}"
        if of is not None:
            event["of"] = of
        if arguments:
            event["args"] = arguments
        if after:
            event["after"] = [*event.get("after", []), *after]
        opened = self.journal.begin(event)
        self.sides.push(Side.APPLICATION, event["n"])
        return opened

    def end(self, opened: Opened, outcome: Event) -> None:
        """A crossing is over: the side that it came from has control again."""
        if "back" in opened.event:
            self.guard(self.watched.look)
        self.sides.pop()
        self.journal.finish(opened, outcome)

    def raised(self, opened: Opened, error: BaseException) -> None:
        """A crossing ends with an error."""
        strip(error)
        told = "call" in opened.event
        outcome = self.guard(lambda: {"raises": error_value(error, told)}, {})
        remember(error, opened.event["n"], not told)
        self.end(opened, outcome)

    # Causes

    @contextmanager
    def calling_for(self, event: int | None) -> Iterator[None]:
        """Runs a system method that the application handed over in this event."""
        before = getattr(self._local, "handed", None)
        self._local.handed = event
        try:
            yield
        finally:
            self._local.handed = before

    def stopped_by_signal(self) -> None:
        """Writes what the reactor's handler of a signal has asked for."""
        name, self.signalled = self.name(self.signalled, "reactor"), None
        stop = {"callable": {"method": [name, "stop"]}}
        self.leaf({"call": f"{name}.callFromThread", "args": stop, "gives": {"new": self.names.new("threadcall")}})

    def calling(self) -> int | None:
        """The event that the system is acting for: a call it is inside of, or the one that handed the method over."""
        event = self.sides.stack[-1].event
        return getattr(self._local, "handed", None) if event is None or event in self._loops else event

    def because(self, event: int | None) -> None:
        """The next callback on this thread has this cause."""
        self._local.cause = event

    def note_client(self, local: Any, event: int) -> None:
        """A connection was asked for from this local address: who accepts it will be told the same."""
        if not isinstance(local, tuple):
            return
        if len(local) == 4:
            local = zoned(local)
        self.clients[local[0], local[1]] = event

    def _cause(self, member: str, args: tuple[Any, ...]) -> list[int] | None:
        cause = getattr(self._local, "cause", None)
        if cause is not None:
            self._local.cause = None
            return None if any(frame.event == cause for frame in self.sides.stack) else [cause]
        if member == "buildProtocol" and args:
            number = self.clients.get((getattr(args[0], "host", None), getattr(args[0], "port", None)))  # type: ignore[arg-type]
            if number is not None:
                return [number]
        return None

    def callback(
        self, name: str, member: str, shape: Callback, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """The system calls a method of an application's object."""
        arguments = self.guard(lambda: self._told(member, shape, args, kwargs), {})
        opened = self.begin_back(name, member, arguments, after=self._cause(member, args))
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self.raised(opened, error)
            raise
        self.end(opened, self.guard(lambda: self._returned(shape.returns, result), {}))
        return result

    def _told(self, member: str, shape: Callback, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for index, value in enumerate(args):
            name = shape.positional[index] if index < len(shape.positional) else f"argument{index}"
            arguments[name] = self._told_value(member, name, value)
        for name, value in kwargs.items():
            arguments[name] = self._told_value(member, name, value)
        return {
            name: value for name, value in arguments.items() if name not in shape.defaults or shape.defaults[name] != value
        }

    def _told_value(self, member: str, name: str, value: Any) -> Any:
        if name == "resolutionReceiver":
            return self.introduce(value, "receiver")
        return self.values.argument(name, value, told=True)

    def _returned(self, returns: str | None, result: Any) -> Event:
        if result is None or returns is None:
            return {}
        if returns == "deferred":
            from twisted.internet.defer import Deferred

            return {"gives": self.deferreds.taken(result)} if isinstance(result, Deferred) else {}
        if returns == "passed":
            return {"gives": self.values.passed(result)}
        if returns == "value":
            return {"gives": self.values.value(result, told=False)}
        if returns == "protocol" and isinstance(result, type):
            self.say_unexpressible("class")
        if returns == "opaque":
            return {"gives": self.values.opaque_value(result)}
        return {"gives": self.application(result, returns)}

    def fire(self, handed: Handed, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The system calls a function that it was handed."""

        def passed() -> dict[str, Any]:
            arguments: dict[str, Any] = {}
            if args:
                arguments["args"] = [self.values.passed(value) for value in args]
            if kwargs:
                arguments["kwargs"] = {name: self.values.passed(value) for name, value in kwargs.items()}
            return arguments

        arguments = self.guard(passed, {})
        opened = self.begin_back(self.name(function, "function"), "call", arguments, of=handed.of)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self.raised(opened, error)
            raise
        self.end(opened, self.guard(lambda: self._returned(handed.returns, result), {}))
        return result

