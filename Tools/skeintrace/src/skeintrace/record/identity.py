"""Names of objects: given once, where an object is first seen, and held without holding the object."""

from __future__ import annotations

import types
import weakref
from collections import Counter
from typing import Any, Callable


class Names:
    """Objects and their names. An object is known by identity, never by equality, and only as long as it lives."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._names: dict[int, tuple[Callable[[], Any], str]] = {}
        self._methods: dict[tuple[int, int], tuple[Callable[[], Any], str]] = {}

    def new(self, kind: str) -> str:
        """The next name of a kind."""
        self._counts[kind] += 1
        return f"{kind}-{self._counts[kind]}"

    def find(self, thing: Any) -> str | None:
        """The name that an object has, if it has one."""
        if isinstance(thing, types.MethodType):
            entry = self._methods.get((id(thing.__self__), id(thing.__func__)))
            return entry[1] if entry is not None and entry[0]() is thing.__self__ else None
        entry = self._names.get(id(thing))
        return entry[1] if entry is not None and entry[0]() is thing else None

    def give(self, thing: Any, kind: str) -> str:
        """Names an object that has no name. A bound method is known by its object and its function."""
        name = self.new(kind)
        self.bind(thing, name)
        return name

    def bind(self, thing: Any, name: str) -> None:
        """Puts a name, which `new` gave, on an object."""
        if isinstance(thing, types.MethodType):
            key = (id(thing.__self__), id(thing.__func__))
            self._methods[key] = (_watch(thing.__self__, lambda: self._methods.pop(key, None)), name)
        else:
            number = id(thing)
            self._names[number] = (_watch(thing, lambda: self._names.pop(number, None)), name)

    def alive(self, name: str) -> bool:
        """Whether the object of this name is still there."""
        return any(known == name and reference() is not None for reference, known in list(self._names.values()))


def _watch(thing: Any, forget: Callable[[], object]) -> Callable[[], Any]:
    """A weak reference that calls `forget` at the object's death. What cannot be referred to weakly is held."""
    try:
        return weakref.ref(thing, lambda _: forget())
    except TypeError:
        return lambda: thing
