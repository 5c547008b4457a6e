"""What the application lets go of, and whether it was gone after a collection."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Callable

from twisted.internet.interfaces import IProtocol

if TYPE_CHECKING:
    from .recorder import Recorder


class Garbage:
    """The named objects that the application itself watches through weak references."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._counts: dict[str, int] = {}
        self._watched: dict[str, weakref.ref[Any]] = {}
        self._reported: set[str] = set()

    def look(self, thing: Any, name: str) -> None:
        """Notes whether the application has a weak reference to an object of its own, or to a protocol in it."""
        if name in self._watched:
            return
        count = weakref.getweakrefcount(thing)
        if self._counts.get(name) == count:
            return
        self._counts[name] = count
        if _is_watched(thing) or any(_is_watched(held) for held in _held(thing)):
            self._watched[name] = weakref.ref(thing, _mark)

    def collect(self, original: Callable[..., int], args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
        """The application collects garbage: what it watched and is gone was dropped before, and released now."""
        recorder = self._recorder
        found = original(*args, **kwargs)
        for name, reference in list(self._watched.items()):
            if reference() is None and name not in self._reported:
                self._reported.add(name)
                recorder.leaf({"drop": name})
                recorder.leaf({"check": {"released": name}})
        return found


def _is_watched(thing: Any) -> bool:
    try:
        references = weakref.getweakrefs(thing)
    except TypeError:
        return False
    return any(not _is_ours(reference) for reference in references)


def _held(thing: Any) -> list[Any]:
    """The protocols that a protocol wraps: as long as it lives, they do."""
    if not IProtocol.providedBy(thing):
        return []
    return [value for value in list(getattr(thing, "__dict__", {}).values()) if IProtocol.providedBy(value)]


def _mark(reference: Any) -> None:
    """The callback by which the recorder knows its own references."""


def _is_ours(reference: Any) -> bool:
    callback = getattr(reference, "__callback__", None)
    return callback is not None and getattr(callback, "__module__", "").startswith("skeintrace.record")
