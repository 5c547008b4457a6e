"""Judges a whole trace: syntax through the reader, then every rule that needs more than one line to see."""

from __future__ import annotations

import os
import re
from typing import Any, BinaryIO, Mapping

from .emit import emit_event, emit_header
from .errors import FormatError, shown, shown_keys
from .limits import DEFAULT, Limits
from .reader import Reader
from .shape import Fields, Type, form_of, kind_of, shape
from .tree import MEMBERS, Crossing, Tree
from .vocabulary import families, kind_of_object, member_of, members

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*-[1-9][0-9]*\Z")
_MEMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)+\Z")
_ERRNO = re.compile(r"E[A-Z0-9]+\Z")

_LENGTHS = {"method": (2,), "ipv4": (2,), "ipv6": (2, 4), "hostname": (2,), "cut": (3,)}
"""How many elements the lists of these forms have."""

_IMPLIED = frozenset({"reactor", "peer"})
"""Kinds of objects that are there without an introduction."""


class Validator:
    """Takes the header and the events of one trace in order, and raises FormatError at the first broken rule."""

    def __init__(self, header: Mapping[str, Any], limits: Limits = DEFAULT) -> None:
        tables = shape()
        features = header.get("features")
        known = tables.features
        self._lenient = isinstance(features, list) and any(
            not isinstance(feature, str) or feature not in known for feature in features
        )
        """Whether the trace has features that this vocabulary does not know: what is unknown may belong to them."""
        self._tree = Tree(keep=False, nesting=limits.nesting, allow_unknown=self._lenient)
        self._introduced: set[str] = set()
        self._lost = 0
        self._n = 0

    def header(self, header: Mapping[str, Any], text: str) -> None:
        """Checks the header's keys and their types, and that its text is canonical."""
        table = shape().header
        for key, value in header.items():
            self._key(key, table)
            if key in table:
                self._type(value, table[key], key)
        self._required(header, table, "")
        for index, name in enumerate(header.get("pcaps", [])):
            if "/" in name or "\0" in name or name in ("", ".", ".."):
                raise FormatError("type", "the plain name of a file", shown(name), field=f"pcaps[{index}]")
        canonical = emit_header(header)
        if text != canonical:
            raise _not_canonical(text, canonical)

    def event(self, event: Mapping[str, Any], line: int, text: str) -> None:
        """Checks one event, `end` and `eof` included. `text` is its line."""
        kind = kind_of(event)
        if kind is None and not self._lenient and not any(key.startswith("x-") for key in event):
            raise FormatError("unknown-kind", "an event of a known kind", shown_keys(event))
        if kind == "eof":
            self._eof(event)
        else:
            crossing = self._tree.add(event, line)
            self._n = self._tree.count
            self._keys(event, kind)
            if kind is not None:
                self._meaning(event, kind, crossing)
        canonical = emit_event(event) + "\n"
        if text != canonical:
            raise _not_canonical(text, canonical)

    def _keys(self, event: Mapping[str, Any], kind: str | None) -> None:
        tables = shape()
        if kind == "end":
            allowed = frozenset({"end", "at", "gives", "raises", "unexpressible", "repeat"})
        elif kind is None:
            allowed = tables.common
        else:
            allowed = tables.common | tables.kinds[kind].keys
        for key, value in event.items():
            if key not in allowed:
                if not key.startswith("x-") and not self._lenient:
                    raise FormatError("unknown-key", f"a key of the kind {kind}", shown(key), field=key)
                if key not in tables.event:
                    continue
            # A key that the format has is of its type wherever it stands.
            self._type(value, tables.event[key], key)
        if "gives" in event and "raises" in event:
            raise FormatError("outcome", "gives or raises", "both", field="raises")

    def _meaning(self, event: Mapping[str, Any], kind: str, crossing: Crossing) -> None:
        if kind == "back" and crossing.parent is not None and crossing.parent.method in ("run", "iterate"):
            for key in ("turn", "phase"):
                if key not in event:
                    raise FormatError("missing-key", f"the {key} of a callback inside the loop", "none", field=key)
        phase = event.get("phase")
        if phase is not None and phase not in shape().table["phases"]:
            raise FormatError("vocabulary", "one of " + ", ".join(shape().table["phases"]), shown(phase), field="phase")
        if kind in MEMBERS:
            self._member(event, kind)
        for cause in event.get("after", []):
            if not 0 < cause < self._n:
                raise FormatError("cause", "the number of an earlier event", shown(cause), field="after")
        of = event.get("of")
        if of is not None:
            self._refer(of, "of")
        if kind == "drop":
            self._refer(event["drop"], "drop")
        elif kind == "check":
            self._check(event["check"])
        elif kind == "lost":
            self._lost += event["lost"]
        what = event.get("log", {}).get("what")
        if what is not None and what not in shape().table["logs"] and not self._lenient:
            raise FormatError("vocabulary", "one of " + ", ".join(shape().table["logs"]), shown(what), field="log.what")
        for argument, value in event.get("args", {}).items():
            self._references(value, f"args.{argument}")
        for key in ("to", "gives", "raises", "log"):
            if key in event:
                self._references(event[key], key)

    def _check(self, check: Mapping[str, Any]) -> None:
        if "provides" in check:
            self._required(check, {"object": Type("name", None, True)}, "check")
            self._refer(check["object"], "check.object")
            known = shape().table["checks"]["provides"]["of"]
            if check["provides"] not in known and not self._lenient:
                raise FormatError("vocabulary", "one of " + ", ".join(known), shown(check["provides"]), field="check.provides")
        else:
            self._required(check, {"released": Type("name", None, True)}, "check")
            self._refer(check["released"], "check.released")

    def _member(self, event: Mapping[str, Any], kind: str) -> None:
        target, _, name = event[kind].partition(".")
        of_kind = kind_of_object(target)
        if of_kind != target and of_kind not in _IMPLIED:
            self._refer(target, kind)
        if self._lenient:
            return
        member = member_of(event)
        if member is None:
            known = sorted(other for place, side, other in members() if place == of_kind and side == kind)
            expected = f"a {kind} that the vocabulary has" if known else "a kind of object that the vocabulary has"
            raise FormatError("vocabulary", expected, shown(event[kind]), field=kind)
        for argument in event.get("args", {}):
            if argument not in member.arguments and not argument.startswith("x-"):
                names = ", ".join(member.arguments) or "no arguments"
                raise FormatError("vocabulary", names, shown(argument), field=f"args.{argument}")

    def _eof(self, event: Mapping[str, Any]) -> None:
        for key in event:
            if key != "eof" and not key.startswith("x-"):
                raise FormatError("unknown-key", "eof alone", shown(key), field=key)
        eof = event["eof"]
        self._type(eof, Type("{eof}"), "eof")
        least, most = self._tree.open()
        if eof["events"] != self._tree.count:
            raise FormatError("count", str(self._tree.count), shown(eof["events"]), field="eof.events")
        if not least <= eof["open"] <= most:
            expected = str(least) if least == most else f"{least} to {most}"
            raise FormatError("count", expected, shown(eof["open"]), field="eof.open")
        if eof["lost"] != self._lost:
            raise FormatError("count", str(self._lost), shown(eof["lost"]), field="eof.lost")

    # Types

    def _key(self, key: str, table: Fields, path: str = "") -> None:
        if key not in table and not key.startswith("x-") and not self._lenient:
            names = ", ".join(table) if len(table) <= 8 else "a key that the format has"
            raise FormatError("unknown-key", names, shown(key), field=_join(path, key))

    def _required(self, value: Mapping[str, Any], table: Fields, path: str) -> None:
        for key, type in table.items():
            if type.required and key not in value:
                raise FormatError("missing-key", f"the key {key}", "none", field=_join(path, key))

    def _fields(self, value: Mapping[str, Any], table: Fields, path: str) -> None:
        for key, element in value.items():
            self._key(key, table, path)
            if key in table:
                self._type(element, table[key], _join(path, key))
        self._required(value, table, path)

    def _type(self, value: Any, type: Type, path: str) -> None:
        name = type.name
        if name == "any":
            self._any(value, path)
        elif name == "list":
            if not isinstance(value, list):
                raise _wrong("a list", value, path)
            for index, element in enumerate(value):
                self._type(element, type.element or Type("any"), f"{path}[{index}]")
        elif name.startswith("{"):
            if not isinstance(value, dict):
                raise _wrong("a mapping", value, path)
            self._fields(value, shape().records[name[1:-1]], path)
            self._family(value, path, name == "{error}")
        elif name in ("args", "kwargs"):
            if not isinstance(value, dict):
                raise _wrong("a mapping of arguments", value, path)
            for key, element in value.items():
                inner = Type("kwargs") if key == "kwargs" and name == "args" else Type("any")
                self._type(element, inner, _join(path, key))
        else:
            expected = _scalar(value, name)
            if expected:
                raise _wrong(expected, value, path)

    def _any(self, value: Any, path: str) -> None:
        if isinstance(value, list):
            for index, element in enumerate(value):
                self._any(element, f"{path}[{index}]")
        elif isinstance(value, dict):
            form = form_of(value)
            if form is None:
                if self._lenient or value and all(key.startswith("x-") for key in value):
                    return
                raise FormatError("unknown-form", "a form of value that the format has", "a mapping", field=path)
            self._fields(value, shape().forms[form], path)
            lengths = _LENGTHS.get(form)
            if lengths and len(value[form]) not in lengths:
                expected = " or ".join(map(str, lengths)) + " elements"
                raise FormatError("type", expected, str(len(value[form])), field=_join(path, form))
            self._family(value, path, form == "error")
            self._interfaces(value, path)

    def _family(self, value: Mapping[str, Any], path: str, is_error: bool) -> None:
        if is_error and not self._lenient and value["error"] not in families():
            raise FormatError(
                "vocabulary", "a family of errors that the vocabulary has", shown(value["error"]), field=_join(path, "error")
            )

    def _interfaces(self, value: Mapping[str, Any], path: str) -> None:
        known = shape().table["interfaces"]
        for index, name in enumerate(value.get("implements", [])):
            if name not in known and not self._lenient:
                expected = "an interface that the vocabulary has"
                raise FormatError("vocabulary", expected, shown(name), field=f"{_join(path, 'implements')}[{index}]")

    # References

    def _refer(self, name: str, path: str) -> None:
        if name not in self._introduced and kind_of_object(name) not in _IMPLIED:
            raise FormatError("reference", "an object that was introduced before", shown(name), field=path)

    def _references(self, value: Any, path: str) -> None:
        if isinstance(value, list):
            for index, element in enumerate(value):
                self._references(element, f"{path}[{index}]")
        elif isinstance(value, dict):
            form = form_of(value)
            if form == "new":
                name = _text(value["new"])
                if name in self._introduced or kind_of_object(name) in _IMPLIED:
                    raise FormatError("introduced-twice", "a new name", shown(name), field=_join(path, "new"))
                self._introduced.add(name)
            elif form == "ref":
                self._refer(_text(value["ref"]), _join(path, "ref"))
            elif form in ("deferred", "fd"):
                self._introduced.add(_text(value[form]))
            elif form == "method":
                method = value["method"]
                self._refer(_text(method[0]) if isinstance(method, list) and method else "", _join(path, "method"))
            elif "error" in value and isinstance(raised := value.get("raised"), int) and not isinstance(raised, bool):
                if not 0 < raised <= max(self._n, 1):
                    found = shown(raised)
                    raise FormatError("cause", "the number of an earlier event", found, field=_join(path, "raised"))
            for key, element in value.items():
                self._references(element, _join(path, key))


def _text(value: object) -> str:
    """A text, empty for what is none: what stands below a key that the format leaves to others can be anything."""
    return value if isinstance(value, str) else ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _wrong(expected: str, value: object, path: str) -> FormatError:
    return FormatError("type", expected, shown(value), field=path)


def _scalar(value: Any, name: str) -> str | None:
    """What was expected, where the value is not of the scalar type."""
    if name == "int":
        good = isinstance(value, int) and not isinstance(value, bool)
        return None if good else "an integer"
    if name == "number":
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        return None if good else "a number"
    if name == "bool":
        return None if isinstance(value, bool) else "true or false"
    if not isinstance(value, str):
        return "a string" if name == "text" else "a word"
    if name == "name" and not _NAME.match(value):
        return "an object's name, such as transport-1"
    if name == "member" and not _MEMBER.match(value):
        return "an object and its member, such as transport-1.write"
    if name == "errno" and not _ERRNO.match(value):
        return "the name of an errno, such as ECONNREFUSED"
    return None


def _not_canonical(text: str, canonical: str) -> FormatError:
    lines, wanted = text.split("\n"), canonical.split("\n")
    for number, (line, want) in enumerate(zip(lines, wanted), 1):
        if line != want:
            column = 1 + next((i for i, (a, b) in enumerate(zip(line, want)) if a != b), min(len(line), len(want)))
            return FormatError(
                "not-canonical",
                "the canonical form: " + shown(want[column - 1 : column + 20]),
                shown(line[column - 1 : column + 20]),
                line=number if len(lines) > 2 else 0,
                column=column,
            )
    return FormatError("not-canonical", "the canonical form", "another number of lines")


def validate_file(file: BinaryIO, name: str = "", limits: Limits = DEFAULT) -> int:
    """Reads and judges a trace; returns how many events it has. Raises FormatError at the first broken rule."""
    reader = Reader(file, name, limits)
    lines: list[str] = []
    reader.lines = lines
    validator = Validator(reader.header, limits)
    count = 0
    try:
        validator.header(reader.header, reader.header_text)
    except FormatError as error:
        raise error.at(file=name, line=reader.header_line(error.field.partition(".")[0].partition("[")[0]))
    for number, event in reader:
        text = lines[0]
        lines.clear()
        try:
            validator.event(event, number, text)
        except FormatError as error:
            raise error.at(file=name, line=number)
        count += "end" not in event and "eof" not in event
    return count


def validate(path: str | os.PathLike[str], limits: Limits = DEFAULT) -> int:
    """Judges the trace at `path`; returns how many events it has. Raises FormatError at the first broken rule."""
    with open(path, "rb") as file:
        return validate_file(file, os.fspath(path), limits)
