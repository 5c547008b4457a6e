"""Things put in the place of others, and put back."""

from __future__ import annotations

import sys
from typing import Any, Callable

_undo: list[Callable[[], None]] = []
_ABSENT = object()


def replace(owner: Any, name: str, value: Any) -> None:
    """Puts something in the place of a class's or module's attribute, until `restore`."""
    own = owner.__dict__.get(name, _ABSENT)

    def back() -> None:
        if own is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, own)

    setattr(owner, name, value)
    _undo.append(back)


def replace_everywhere(owner: Any, name: str, value: Any) -> None:
    """Replaces a function in its module and wherever else it was imported to, under whatever name."""
    original = getattr(owner, name)
    for module in list(sys.modules.values()):
        for own, found in list(getattr(module, "__dict__", {}).items()):
            if found is original:
                replace(module, own, value)


def later(back: Callable[[], None]) -> None:
    """Has something done at `restore`."""
    _undo.append(back)


def installed() -> bool:
    """Whether anything is replaced."""
    return bool(_undo)


def restore() -> None:
    """Puts everything back, the last first."""
    while _undo:
        _undo.pop()()
