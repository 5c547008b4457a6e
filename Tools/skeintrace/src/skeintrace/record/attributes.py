"""The attributes of system objects that have no method: a closed table."""

from __future__ import annotations

from typing import Any

from twisted.internet import abstract, base, tcp

from .active import active
from .sides import Side, sides

_MISSING = object()


class Attribute:
    """Reports reads, and for some attributes writes, by the application; the value stays in the object."""

    def __init__(self, owner: type, kind: str, name: str, settable: bool) -> None:
        self._kind = kind
        self._name = name
        self._settable = settable
        self._default = _default(owner, name)

    def __get__(self, thing: Any, owner: type | None = None) -> Any:
        if thing is None:
            if self._default is _MISSING:
                raise AttributeError(self._name)
            return self._default
        if isinstance(self._default, property):
            value = self._default.__get__(thing, owner)
        else:
            value = thing.__dict__.get(self._name, self._default)
        if value is _MISSING:
            raise AttributeError(f"{type(thing).__name__!r} object has no attribute {self._name!r}")
        if sides.stack[-1].side is Side.APPLICATION:
            recorder = active.running()
            if recorder is not None:
                self._report(recorder, thing, {"get": self._name, "gives": value})
        return value

    def __set__(self, thing: Any, value: Any) -> None:
        if isinstance(self._default, property):
            self._default.__set__(thing, value)
            return
        thing.__dict__[self._name] = value
        if self._settable and sides.stack[-1].side is Side.APPLICATION:
            recorder = active.running()
            if recorder is not None:
                self._report(recorder, thing, {"set": self._name, "to": value})

    def __delete__(self, thing: Any) -> None:
        try:
            del thing.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def _report(self, recorder: Any, thing: Any, event: dict[str, Any]) -> None:
        target = recorder.name_of(thing)
        if target is None:
            return
        word, value = list(event.items())[1]
        kind = "get" if "get" in event else "set"
        form = recorder.guard(lambda: recorder.values.argument(self._name, value, told=kind == "get"))
        recorder.leaf({kind: f"{target}.{self._name}", word: form})


class Fileno(Attribute):
    """`fileno`, which a connected object has as an attribute that is its socket's method: calling it is a call."""

    def __get__(self, thing: Any, owner: type | None = None) -> Any:
        if thing is None:
            return self._default
        own = thing.__dict__.get(self._name)
        found = own if own is not None else self._default.__get__(thing)
        if own is None or sides.stack[-1].side is Side.SYSTEM or active.running() is None:
            return found

        def fileno() -> Any:
            recorder = active.running()
            value = found()
            target = None if recorder is None else recorder.name_of(thing)
            if recorder is not None and target is not None and not recorder.sides.in_system:
                recorder.leaf({"call": f"{target}.fileno", "gives": recorder.descriptors.given(value)})
            return value

        return fileno


def _default(owner: type, name: str) -> Any:
    for base_class in owner.__mro__:
        if name in base_class.__dict__:
            return base_class.__dict__[name]
    return _MISSING


FILENOS: tuple[tuple[type, str], ...] = ((tcp.Connection, "transport"), (tcp.Port, "port"))

ATTRIBUTES: tuple[tuple[type, str, str, bool], ...] = (
    (base.ReactorBase, "reactor", "running", False),
    (base.PluggableResolverMixin, "reactor", "nameResolver", False),
    (abstract.FileDescriptor, "transport", "connected", True),
    (abstract.FileDescriptor, "transport", "disconnected", False),
    (abstract.FileDescriptor, "transport", "disconnecting", False),
    (abstract.FileDescriptor, "transport", "bufferSize", True),
    (base.BaseConnector, "connector", "state", False),
    (tcp.Port, "port", "port", False),
    (tcp.Port, "port", "interface", False),
)
"""Class, kind of object, attribute, and whether the application may set it."""
