"""Puts the recorder between the parties of pair: once a process, and undone as a whole."""

from __future__ import annotations

from functools import wraps
from typing import Any, Callable

import zope.interface.verify as verify
from twisted.internet import interfaces
from twisted.internet.task import Clock
from twisted.pair import testing, tuntap

from . import containers, logs
from .active import active
from .attributes import meet, watch, watch_writes
from .parties import CLASSES, FedSystem, Party, PeerSocket, kind_of, party_of, party_of_kind
from .patches import patches

_SPECIAL = {"__eq__": "equal", "__ne__": "unequal", "__repr__": "repr", "__getitem__": "item"}
INTERFACES = {
    interfaces.IListeningPort: "listening-port",
    interfaces.IAddress: "address",
    tuntap._IInputOutputSystem: "io-system",
}


def install() -> None:
    """Starts to see what crosses. What was imported before is seen too."""
    if patches.installed:
        return
    for cls in CLASSES:
        watch(cls)
        if cls not in (PeerSocket, FedSystem):
            _constructor(cls)
    for cls in (tuntap.TuntapPort, testing.Tunnel, testing.MemoryIOSystem):
        watch_writes(cls)
    watch(Clock)
    for name, member in _SPECIAL.items():
        _special(tuntap.TunnelAddress, name, member)
    _special(tuntap.TuntapPort, "__repr__", "repr")
    for name in ("_H", "_ethernet", "_ip", "_udp"):
        _builder(name)
    _verify()
    logs.install()


def uninstall() -> None:
    """Leaves Twisted and the application's classes as they were."""
    patches.restore()


def _constructor(cls: type) -> None:
    original: Callable[..., None] = cls.__init__  # type: ignore[misc]
    shown = "RealSystem" if cls is tuntap._RealSystem else cls.__name__

    @wraps(original)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        recorder = active.running()
        kind = kind_of(self)
        party = party_of_kind(kind)
        if recorder is None or recorder.party is not Party.APPLICATION or party is Party.APPLICATION or kind == "socket":
            original(self, *args, **kwargs)
            containers.put_in(self)
            return

        def construct(thing: Any, *inner: Any, **named: Any) -> None:
            original(thing, *inner, **named)
            containers.put_in(thing)

        for argument in (*args, *kwargs.values()):
            meet(argument)
        recorder.construct(shown, self, construct, args, kwargs, party)

    patches.replace(cls, "__init__", make)


def _special(cls: type, name: str, member: str) -> None:
    original = getattr(cls, name)

    @wraps(original)
    def special(self: Any, *args: Any) -> Any:
        recorder = active.running()
        if recorder is None or recorder.party is not Party.APPLICATION:
            return original(self, *args)
        kind = kind_of(self) or ""
        return recorder.cross("call", self, kind, member, lambda *inner: original(self, *inner), args, {})

    patches.replace(cls, name, special)


def _builder(name: str) -> None:
    original: Callable[..., bytes] = getattr(testing, name)

    @wraps(original)
    def build(*args: Any, **kwargs: Any) -> bytes:
        recorder = active.running()
        if recorder is None or recorder.party is not Party.APPLICATION:
            return original(*args, **kwargs)
        made: bytes = recorder.cross("call", None, "build", name.lstrip("_"), original, args, kwargs)
        return made

    patches.replace_everywhere(testing, name, build)


def _verify() -> None:
    original = verify.verifyObject

    @wraps(original)
    def check(interface: Any, thing: Any, *args: Any, **kwargs: Any) -> Any:
        recorder = active.running()
        word = INTERFACES.get(interface)
        if recorder is None or word is None or party_of(thing) is Party.APPLICATION:
            return original(interface, thing, *args, **kwargs)
        with recorder.unseen():
            held = original(interface, thing, *args, **kwargs)
        recorder.checked(thing, word)
        return held

    patches.replace_everywhere(verify, "verifyObject", check)
