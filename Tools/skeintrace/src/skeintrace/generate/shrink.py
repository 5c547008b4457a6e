"""Cuts a program down: parts are taken out of it as long as what is left shows the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from .model import Act, Program

Shows = Callable[[Program], bool]


def shrink(program: Program, shows: Shows, tell: Callable[[Program], None] = lambda program: None) -> Program:
    """The smallest program found that still shows what this one does; `shows` decides, `tell` hears of each step."""
    while True:
        for smaller in parts_taken_out(program):
            if shows(smaller):
                program = smaller
                tell(program)
                break
        else:
            return program


def parts_taken_out(value: Any) -> Iterator[Any]:
    """Every value that is this one with one part less: the largest parts first."""
    if isinstance(value, tuple):
        yield from _shorter(value)
        for place, item in enumerate(value):
            before, after = value[:place], value[place + 1 :]
            if isinstance(item, Act) and item.then:
                yield (*before, *item.then, *after)
            for smaller in parts_taken_out(item):
                yield (*before, smaller, *after)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            if part.name in ("seed", "label", "verb"):
                continue
            held = getattr(value, part.name)
            if isinstance(held, bool | str) and part.default is not dataclasses.MISSING:
                if held != part.default:
                    yield _with(value, part.name, part.default)
            elif isinstance(held, int):
                # Not a time: how long something takes may be all that there is to it.
                if held > 1 and isinstance(value, Act) and value.verb in ("write", "sequence", "pull", "push"):
                    yield _with(value, part.name, 1)
                elif held > 0 and not isinstance(value, Act):
                    yield _with(value, part.name, 0)
            else:
                for smaller in parts_taken_out(held):
                    yield _with(value, part.name, smaller)


def _with(whole: Any, name: str, part: Any) -> Any:
    return dataclasses.replace(whole, **{name: part})


def _shorter(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """A tuple without half of it, a quarter, and so on to each single item."""
    size = len(items)
    while size > 0:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size = size // 2 if size > 1 else 0


def size(program: Any) -> int:
    """How many acts, connections and the like a program has."""
    if isinstance(program, tuple):
        return sum(1 + size(item) for item in program)
    if dataclasses.is_dataclass(program):
        return sum(size(getattr(program, part.name)) for part in dataclasses.fields(program))
    return 0
