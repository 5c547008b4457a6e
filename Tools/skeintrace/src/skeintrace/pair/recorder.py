"""One recording of what crosses between the parties, while its window is open."""

from __future__ import annotations

import traceback
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from ..format import members
from ..record.journal import Event, Journal, Opened, Sink
from .errors import error_form, note_raised
from .parties import PARAMETERS, Party, implements, party_of_kind, system_of
from .values import Encoder


class Watcher(Protocol):
    """Sees each event of a recording when it happens: a replay."""

    def begun(self, event: Event) -> None: ...

    def ended(self, number: int, outcome: Event) -> None: ...


@dataclass(slots=True)
class Frame:
    """Who has control, and the event that gave it."""

    party: Party
    event: int | None
    opened: Opened | None = None
    """The event that ends when the frame below is left, for one that nothing returns from."""


class PairRecorder:
    """Sees every crossing while its window is open, and writes it to a sink."""

    def __init__(self, sink: Sink, watcher: Watcher | None = None) -> None:
        self.journal = Journal(sink)
        self.values = Encoder(self)
        self.watcher = watcher
        self.passive = True
        self.stack = [Frame(Party.APPLICATION, None)]
        self.descriptors: dict[int, str] = {}
        self.functions: dict[str, Callable[[], Any]] = {}
        """The functions that the system handed to the application's reactor."""
        self.faults: list[str] = []
        """What went wrong in the recorder itself, or has no word in the vocabulary."""
        self.systems: set[str] = set()
        self._names: dict[int, tuple[str, Any]] = {}
        self._ports: dict[int, str] = {}
        self._counts: Counter[str] = Counter()

    # The window

    def open_window(self) -> None:
        """Starts recording, with the application in control."""
        self.journal.restart()
        self.passive = False

    def close_window(self) -> None:
        """Stops recording."""
        self.passive = True
        self.journal.close()

    @property
    def party(self) -> Party:
        """Who has control."""
        return self.stack[-1].party

    @contextmanager
    def acting(self, party: Party) -> Iterator[None]:
        """Gives control to a party without an event, for what is inside it."""
        self.stack.append(Frame(party, self.stack[-1].event))
        try:
            yield
        finally:
            self.stack.pop()

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """Lets crossings go by."""
        before, self.passive = self.passive, True
        try:
            yield
        finally:
            self.passive = before

    # Names

    def known(self, thing: Any) -> str | None:
        """The name of an object that was introduced."""
        entry = self._names.get(id(thing))
        return None if entry is None else entry[0]

    def new(self, kind: str) -> str:
        """The next name of a kind."""
        self._counts[kind] += 1
        return f"{kind}-{self._counts[kind]}"

    def name(self, thing: Any, kind: str) -> tuple[str, bool]:
        """An object's name, and whether it was given now. Named objects live as long as the recording."""
        known = self.known(thing)
        if known is not None:
            return known, False
        name = self.new(kind)
        self._names[id(thing)] = (name, thing)
        if kind == "io":
            self.systems.add(system_of(thing))
        return name, True

    def find(self, name: str) -> Any:
        """The object of a name, None if there is none."""
        return next((thing for known, thing in self._names.values() if known == name), None)

    def bind(self, thing: Any, name: str) -> None:
        """Gives an object the name that it has in a trace."""
        self._names[id(thing)] = (name, thing)
        kind, _, number = name.rpartition("-")
        self._counts[kind] = max(self._counts[kind], int(number))

    def opened(self, number: Any) -> Any:
        """What `open` gave: a descriptor of its own, whatever its number."""
        if type(number) is not int:
            return self.values.value(number)
        self.descriptors[number] = self.new("fd")
        return {"fd": self.descriptors[number]}

    def assigned(self, port: int) -> dict[str, Any]:
        """A port that the kernel chose."""
        if port not in self._ports:
            self._ports[port] = self.new("p")
        return {"port": self._ports[port]}

    # Events

    def guard(self, make: Callable[[], Any], otherwise: Any = None) -> Any:
        """Does the recorder's own work, unseen by itself; a fault in it is noted and never reaches the program."""
        with self.unseen():
            try:
                return make()
            except Exception:
                self.faults.append(traceback.format_exc())
                return otherwise

    def _place(self) -> Event:
        inside = self.stack[-1].event
        return {} if inside is None else {"in": inside}

    def leaf(self, event: Event) -> None:
        """Writes an event that nothing happens inside of."""
        whole = {**self._place(), **event}
        self.journal.leaf(whole)
        if self.watcher is not None:
            self.watcher.begun(whole)

    def begin(self, kind: str, member: str, arguments: dict[str, Any], party: Party) -> Opened:
        """A crossing begins, and gives control to a party."""
        event = {**self._place(), kind: member}
        if arguments:
            event["args"] = arguments
        opened = self.journal.begin(event)
        self.stack.append(Frame(party, event["n"]))
        if self.watcher is not None:
            self.watcher.begun(event)
        return opened

    def end(self, opened: Opened, outcome: Event) -> None:
        """A crossing is over: who made it has control again."""
        number: int = opened.event["n"]
        while self.stack[-1].event != number:
            self._close(self.stack.pop())
        while len(self.stack) > 1 and self.stack[-1].event == number:
            self._close(self.stack.pop())
        self._finish(opened, outcome)

    def _close(self, frame: Frame) -> None:
        if frame.opened is not None:
            self._finish(frame.opened, {})

    def _finish(self, opened: Opened, outcome: Event) -> None:
        self.journal.finish(opened, outcome)
        if self.watcher is not None:
            self.watcher.ended(opened.event["n"], outcome)

    def raises(self, error: BaseException) -> Event:
        """The outcome of what raised."""
        form = self.guard(lambda: error_form(error, self.values.value))
        return {} if form is None else {"raises": form}

    # Crossings

    def construct(self, name: str, thing: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], party: Party) -> None:
        """The application makes an object of the system's."""
        arguments = self.guard(lambda: self._arguments("pair", "call", name, args, kwargs), {})
        opened = self.begin("call", f"pair.{name}", arguments, party)
        try:
            function(thing, *args, **kwargs)
        except BaseException as error:
            self.end(opened, self.raises(error))
            raise
        self.end(opened, {"gives": self.guard(lambda: self.values.value(thing))})

    def cross(self, side: str, thing: Any, kind: str, member: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A member of a system object is called, by the application or by the port."""
        if kind == "build":
            name = "build"
        else:
            name, is_new = self.name(thing, kind)
            if is_new:
                self.faults.append(f"{name}.{member}: never introduced")
        is_memory = side == "io" and system_of(thing) != "real"
        arguments = self.guard(lambda: self._arguments(kind, side, member, args, kwargs, is_memory), {})
        opened = self.begin(side, f"{name}.{member}", arguments, Party.IO if kind == "build" else party_of_kind(kind))
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            self.end(opened, self.raises(error))
            raise
        outcome = {} if result is None else self.guard(lambda: self._gives(kind, member, result, thing), {})
        self.end(opened, outcome)
        return result

    def _arguments(self, kind: str, side: str, member: str, args: tuple[Any, ...], kwargs: dict[str, Any], is_memory: bool = False) -> dict[str, Any]:
        entry = members()[kind, side, member]
        given = dict(zip(entry.arguments, args), **kwargs)
        if len(args) > len(entry.arguments):
            raise TypeError(f"{kind}.{member}: more arguments than the interface has")
        return {
            name: self.values.argument(kind, member, name, value, is_memory)
            for name, value in given.items()
            if not (name in entry.defaults and _same(value, entry.defaults[name]))
        }

    def _gives(self, kind: str, member: str, result: Any, thing: Any) -> Event:
        first_seen = self.known(result) is None
        form = self.values.result(kind, member, result, thing)
        if isinstance(result, Deferred) and first_seen and not result.called:
            name = form["deferred"]
            result.addBoth(lambda value: self._fired(name, value))
        return {"gives": form}

    def _fired(self, name: str, value: Any) -> Any:
        """A Deferred of the system's fires. What the application has put on it runs next, in the application's control,
        until the call that fired it is over."""
        if not self.passive and self.party is not Party.APPLICATION:
            failed = isinstance(value, Failure)
            member, argument = ("errback", "fail") if failed else ("callback", "result")
            arguments = self.guard(lambda: {argument: self.values.value(value)}, {})
            opened = self.begin("back", f"{name}.{member}", arguments, Party.APPLICATION)
            self.stack[-1].opened = opened
        return value

    def back(self, thing: Any, kind: str, member: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The system calls an object of the application's."""
        name = self.known(thing)
        arguments = self.guard(lambda: self._told(thing, kind, member, args, kwargs), {})
        opened = self.begin("back", f"{name}.{member}", arguments, Party.APPLICATION)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            note_raised(error, opened.event["n"])
            self.end(opened, self.raises(error))
            raise
        self.end(opened, {})
        return result

    def _told(self, thing: Any, kind: str, member: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if member == "datagramReceived":
            names: tuple[str, ...] = PARAMETERS[implements(thing)[0]]
        else:
            names = tuple(members()[kind, "back", member].arguments)
        given = dict(zip(names, args), **kwargs)
        return {name: self.values.argument(kind, member, name, value) for name, value in given.items()}

    def call_later(self, reactor: Any, function: Callable[..., Any], delay: Any, callable: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The system hands the application's reactor a function of its own; when that fires, the application calls it."""
        name = self.new("function")

        def fire() -> Any:
            if self.passive or self.party is not Party.APPLICATION:
                return callable(*args, **kwargs)
            opened = self.begin("call", f"{name}.call", {}, Party.PORT)
            try:
                result = callable(*args, **kwargs)
            except BaseException as error:
                self.end(opened, self.raises(error))
                raise
            self.end(opened, {})
            return result

        self.functions[name] = fire
        arguments = {"delay": delay, "callable": {"new": name}}
        opened = self.begin("back", f"{self.name(reactor, 'reactor')[0]}.callLater", arguments, Party.APPLICATION)
        try:
            return function(delay, fire)
        finally:
            self.end(opened, {})

    def read(self, thing: Any, kind: str, name: str, value: Any) -> None:
        """The application reads an attribute."""
        known = self.name(thing, kind)[0]
        self.leaf({"get": f"{known}.{name}", "gives": self.guard(lambda: self.values.attribute(kind, name, value))})

    def written(self, thing: Any, kind: str, name: str, value: Any) -> None:
        """The application sets an attribute."""
        known = self.name(thing, kind)[0]
        self.leaf({"set": f"{known}.{name}", "to": self.guard(lambda: self.values.value(value))})

    def checked(self, thing: Any, interface: str) -> None:
        """The application saw that an object has an interface."""
        name = self.name(thing, "object")[0]
        self.leaf({"check": {"provides": interface, "object": name}})


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
