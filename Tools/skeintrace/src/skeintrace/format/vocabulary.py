"""The members of the vocabulary: what can be called on which kind of object, and what it is called in each language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Mapping

import yaml

from .shape import shape
from .tree import MEMBERS


@dataclass(frozen=True)
class Member:
    """A call, callback or attribute of a kind of object."""

    kind: str
    """The kind of object: `reactor`, `transport`."""
    name: str
    side: str
    """`call`, `back`, `get`, `set`, `io`, `peer` or `fault`."""
    arguments: Mapping[str, str]
    """The arguments' names with the types of their values, in the interface's order."""
    defaults: Mapping[str, Any]
    """What leaving an argument out means, for those that may be left out."""
    gives: str
    """The type of what it returns, `nothing` for none."""
    twisted: str
    """Where Twisted describes it: `IReactorTCP.listenTCP`."""
    swift: str
    """The Swift declaration that does the same, empty where the part is not built."""
    python: bool = False
    """Whether it has no meaning outside Python."""


@cache
def members() -> Mapping[tuple[str, str, str], Member]:
    """Every member by kind of object, side and name."""
    found: dict[tuple[str, str, str], Member] = {}
    for kind, sides in shape().table.get("objects", {}).items():
        interface = sides.get("interface", "")
        swift = sides.get("swift", "")
        for side in MEMBERS:
            for name, entry in (sides.get(side) or {}).items():
                entry = entry or {}
                place = entry.get("interface", interface)
                symbol = entry.get("swift", name)
                written = {argument: str(type) for argument, type in (entry.get("args") or {}).items()}
                found[kind, side, name] = Member(
                    kind=kind,
                    name=name,
                    side=side,
                    arguments={argument: type.partition("=")[0] for argument, type in written.items()},
                    defaults={
                        argument: yaml.safe_load(type.partition("=")[2])
                        for argument, type in written.items()
                        if "=" in type
                    },
                    gives=entry.get("gives", "any" if side == "get" else "nothing"),
                    twisted=f"{place}.{name}" if place else "",
                    swift=f"{swift}.{symbol}" if swift and symbol else "",
                    python=bool(entry.get("python")),
                )
    return found


def kind_of_object(name: str) -> str:
    """`reactor` for `reactor-1`; a name without a number is its own kind."""
    kind, dash, number = name.rpartition("-")
    return kind if dash and number.isascii() and number.isdigit() else name


def member_of(event: Mapping[str, Any]) -> Member | None:
    """The member that an event crosses, or None where the vocabulary does not know it."""
    for side in MEMBERS:
        text = event.get(side)
        if isinstance(text, str):
            target, dot, name = text.partition(".")
            return members().get((kind_of_object(target), side, name.removeprefix("super."))) if dot else None
    return None


@cache
def families() -> Mapping[str, str]:
    """The families of errors with the class of each: `done` is `twisted.internet.error.ConnectionDone`."""
    found = {}
    for name, entry in shape().table["errors"].items():
        path = entry["twisted"]
        found[name] = path if "." in path or not path else "twisted.internet.error." + path
    return found


@cache
def _families_by_class() -> Mapping[str, str]:
    table = shape().table["errors"]
    return {path: name for name, path in families().items() if path and "feature" not in table[name]}


def family_of(error: type[BaseException]) -> str | None:
    """The family of a class of errors: its own, or that of the nearest class it comes from. None for an unknown one.

    A family of another feature than `reactor` is told by more than a class, and never found here.
    """
    known = _families_by_class()
    for cls in error.__mro__:
        name = known.get(f"{cls.__module__}.{cls.__qualname__}")
        if name is not None:
            return name
    return None
