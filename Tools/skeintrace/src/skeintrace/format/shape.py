"""Which keys an event has, in which order, and where a string is a plain word: read from the vocabulary table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Mapping

import yaml

Fields = Mapping[str, "Type"]


@dataclass(frozen=True)
class Type:
    """The type of a key's value: a scalar's name, a list of a type, or a record."""

    name: str
    element: Type | None = None
    required: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether a string of this type stands without quotes."""
        return self.name in ("word", "name", "member", "errno")


def _type(text: str) -> Type:
    required = text.endswith("!")
    text = text.rstrip("!")
    if text.startswith("["):
        return Type("list", _type(text[1:-1]), required)
    if text.startswith("{"):
        return Type("{" + text[1:-1] + "}", None, required)
    return Type(text, None, required)


def _fields(table: Mapping[str, str]) -> dict[str, Type]:
    return {key: _type(text) for key, text in table.items()}


@dataclass(frozen=True)
class Kind:
    """A kind of event: its keys beside the common ones, and whether others can happen inside it."""

    name: str
    keys: frozenset[str]
    opens: bool


@dataclass(frozen=True)
class Shape:
    """The vocabulary's tables of keys, forms, records and kinds."""

    version: int
    features: frozenset[str]
    header: Fields
    event: Fields
    common: frozenset[str]
    kinds: Mapping[str, Kind]
    forms: Mapping[str, Fields]
    records: Mapping[str, Fields]
    table: Mapping[str, Any]
    """The whole vocabulary as it stands in the file."""


@cache
def shape() -> Shape:
    """The tables, read once."""
    text = resources.files("skeintrace").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    table = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    kinds = {
        name: Kind(name, frozenset(kind["keys"]), bool(kind.get("opens")))
        for name, kind in table["kinds"].items()
        if name != "common"
    }
    return Shape(
        version=table["version"],
        features=frozenset(table["features"]),
        header=_fields(table["header"]),
        event=_fields(table["event"]),
        common=frozenset(table["kinds"]["common"]),
        kinds=kinds,
        forms={name: _fields(fields) for name, fields in table["forms"].items()},
        records={name: _fields(fields) for name, fields in table["records"].items()},
        table=table,
    )


def kind_of(event: Mapping[str, Any]) -> str | None:
    """What kind of event this is: `call`, `back`, …, `end`, `eof`, or None where no key says so."""
    if "end" in event:
        return "end"
    if "eof" in event:
        return "eof"
    for name in shape().kinds:
        if name in event:
            return name
    return None


def form_of(value: Mapping[str, Any]) -> str | None:
    """Which form of value a mapping is, by its first key in the vocabulary's order, or None."""
    forms = shape().forms
    if len(value) == 1:
        (head,) = value
        return head if head in forms else None
    for name in forms:
        if name in value:
            return name
    return None
