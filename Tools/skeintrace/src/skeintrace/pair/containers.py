"""The containers of a tunnel and of a system in memory that the application reaches into."""

from __future__ import annotations

from collections import deque
from typing import Any, Iterable

from twisted.pair.testing import MemoryIOSystem, Tunnel

from ..format import members
from .active import active
from .parties import Party
from .recorder import PairRecorder


def _crossing(owner: Any, kind: str, member: str, argument: str, value: Any) -> None:
    """Writes what the application does to a container."""
    recorder = active.running()
    if recorder is None or recorder.party is not Party.APPLICATION:
        return
    if (kind, "call", member) not in members():
        recorder.faults.append(f"{kind}.{member}: the vocabulary has no such member")
        return
    recorder.leaf(_event(recorder, owner, kind, member, argument, value))


def _event(recorder: PairRecorder, owner: Any, kind: str, member: str, argument: str, value: Any) -> dict[str, Any]:
    name = recorder.name(owner, kind)[0]
    form = recorder.guard(lambda: recorder.values.argument(kind, member, argument, value))
    return {"call": f"{name}.{member}", "args": {argument: form}}


class Queue(deque[Any]):
    """A tunnel's queue."""

    def __init__(self, owner: Tunnel, name: str) -> None:
        super().__init__()
        self._owner = owner
        self._name = name

    def append(self, item: Any) -> None:
        """Puts one in, and says so if it is the application that does."""
        _crossing(self._owner, "tunnel", f"{self._name}.append", "item", item)
        super().append(item)

    def extend(self, items: Iterable[Any]) -> None:
        """Puts several in."""
        listed = list(items)
        _crossing(self._owner, "tunnel", f"{self._name}.extend", "items", listed)
        super().extend(listed)


class Permissions(set[str]):
    """What a system in memory allows."""

    def __init__(self, owner: MemoryIOSystem, names: Iterable[str]) -> None:
        super().__init__(names)
        self._owner = owner

    def remove(self, item: str) -> None:
        """Takes one away."""
        _crossing(self._owner, "io", "permissions.remove", "item", item)
        super().remove(item)


def put_in(thing: Any) -> None:
    """Puts containers that are seen into an object that was just made."""
    if isinstance(thing, Tunnel):
        for name in ("readBuffer", "pendingSignals"):
            thing.__dict__[name] = Queue(thing, name)
    elif isinstance(thing, MemoryIOSystem):
        thing.__dict__["permissions"] = Permissions(thing, thing.__dict__["permissions"])
