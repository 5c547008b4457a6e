"""Things put in the place of others, and put back as a whole."""

from __future__ import annotations

import sys
from typing import Any, Callable

_ABSENT = object()


class Patches:
    """What one recorder has replaced."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    @property
    def installed(self) -> bool:
        """Whether anything is replaced."""
        return bool(self._undo)

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Puts something in the place of a class's or module's attribute, until `restore`."""
        own = owner.__dict__.get(name, _ABSENT)

        def back() -> None:
            if own is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, own)

        setattr(owner, name, value)
        self._undo.append(back)

    def replace_everywhere(self, owner: Any, name: str, value: Any) -> None:
        """Replaces a function in its module and wherever else it was imported to, under whatever name."""
        original = getattr(owner, name)
        for module in list(sys.modules.values()):
            for own, found in list(getattr(module, "__dict__", {}).items()):
                if found is original:
                    self.replace(module, own, value)

    def later(self, back: Callable[[], None]) -> None:
        """Has something done at `restore`."""
        self._undo.append(back)

    def restore(self) -> None:
        """Puts everything back, the last first."""
        while self._undo:
            self._undo.pop()()
