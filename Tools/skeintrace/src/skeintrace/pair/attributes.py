"""Sees every look-up of an attribute on the classes of pair, and makes crossings of those that cross."""

from __future__ import annotations

import inspect
import socket
from typing import Any, Callable

from ..format import members
from .active import active
from .parties import Party, PeerSocket, kind_of, party_of, party_of_kind
from .patches import patches
from .recorder import PairRecorder

_watched: set[type] = set()
REACHED = {"readBuffer", "pendingSignals", "permissions"}
"""Containers that the application reaches into: what it does there crosses, looking at them does not."""

BACKS = {
    "protocol": {"makeConnection", "datagramReceived", "doStart", "doStop"},
    "reactor": {"addReader", "addWriter", "removeReader", "removeWriter", "callLater"},
}
"""What the system calls on the application's objects."""


def watch(cls: type) -> None:
    """Has the look-ups on a class's objects seen, until everything is put back."""
    if any(base in _watched for base in cls.__mro__):
        return
    _watched.add(cls)
    patches.later(lambda: _watched.discard(cls))
    original: Callable[[Any, str], Any] = cls.__getattribute__  # type: ignore[assignment]

    def look_up(self: Any, name: str) -> Any:
        recorder = active.running()
        if recorder is None or name.startswith("__"):
            return original(self, name)
        if recorder.party is Party.APPLICATION and isinstance(getattr(type(self), name, None), property):
            with recorder.acting(party_of(self)):
                value = original(self, name)
        else:
            value = original(self, name)
        return _seen(recorder, self, name, value)

    patches.replace(cls, "__getattribute__", look_up)


def watch_writes(cls: type) -> None:
    """Has the application's writes of a class's attributes seen."""
    original: Callable[[Any, str, Any], None] = cls.__setattr__  # type: ignore[assignment]

    def write(self: Any, name: str, value: Any) -> None:
        recorder = active.running()
        kind = None if recorder is None or recorder.party is not Party.APPLICATION else kind_of(self)
        if recorder is not None and kind is not None and party_of_kind(kind) is not Party.APPLICATION:
            if (kind, "set", name) in members():
                recorder.written(self, kind, name, value)
            elif recorder.known(self) is not None:
                recorder.faults.append(f"{kind}.{name} is set: the vocabulary has no such member")
        original(self, name, value)

    patches.replace(cls, "__setattr__", write)


def _seen(recorder: PairRecorder, thing: Any, name: str, value: Any) -> Any:
    kind = kind_of(thing)
    owner = party_of_kind(kind)
    if kind is None or recorder.party is owner:
        return value
    if owner is Party.APPLICATION:
        if name in BACKS.get(kind, ()) and callable(value) and recorder.known(thing) is not None:
            return _callback(recorder, thing, kind, name, value)
        return value
    if recorder.party is Party.APPLICATION:
        return _application_sees(recorder, thing, kind, name, value)
    if recorder.party is Party.PORT and owner is Party.IO and (kind, "io", name) in members():
        return _operation(recorder, "io", thing, kind, name, value)
    return value


def _application_sees(recorder: PairRecorder, thing: Any, kind: str, name: str, value: Any) -> Any:
    if name in REACHED:
        return value
    if (kind, "call", name) in members():
        return _operation(recorder, "call", thing, kind, name, value)
    if (kind, "get", name) in members():
        recorder.read(thing, kind, name, value)
    elif inspect.isroutine(value) or not name.startswith("_"):
        recorder.faults.append(f"{kind}.{name}: the vocabulary has no such member")
    return value


def _operation(recorder: PairRecorder, side: str, thing: Any, kind: str, name: str, value: Any) -> Callable[..., Any]:
    caller = recorder.party

    def function(*args: Any, **kwargs: Any) -> Any:
        made = value(*args, **kwargs)
        return PeerSocket(made) if isinstance(made, socket.socket) else made

    def operation(*args: Any, **kwargs: Any) -> Any:
        if active.running() is not recorder or recorder.party is not caller:
            return value(*args, **kwargs)
        for argument in (*args, *kwargs.values()):
            meet(argument)
        return recorder.cross(side, thing, kind, name, function, args, kwargs)

    return operation


def _callback(recorder: PairRecorder, thing: Any, kind: str, name: str, value: Any) -> Callable[..., Any]:
    def callback(*args: Any, **kwargs: Any) -> Any:
        if active.running() is not recorder or recorder.party is Party.APPLICATION:
            return value(*args, **kwargs)
        if name == "callLater":
            delay, function, *rest = args
            return recorder.call_later(thing, value, delay, function, tuple(rest), kwargs)
        return recorder.back(thing, kind, name, value, args, kwargs)

    return callback


def meet(thing: Any) -> None:
    """Has the look-ups on an object of the application's seen, if another party will call it."""
    if kind_of(thing) in (*BACKS, "io"):
        watch(type(thing))
