"""The canonical text of values, events and headers."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Mapping, Sequence

from .errors import FormatError, shown
from .run import unit_of
from .shape import Fields, Type, form_of, shape
from .text import INT_MAX, INT_MIN, Word, is_word, number, preview, quoted

_ANY = Type("any")
_KWARGS = Type("kwargs")
_UNKNOWN = Type("unknown")


class _Emitter:
    """Puts one line together, and remembers the first bytes for the comment behind it."""

    def __init__(self) -> None:
        self.comment = ""
        self._path: list[str] = []

    def _fail(self, expected: str, value: object) -> FormatError:
        field = ""
        for part in self._path:
            field += part if part.startswith("[") or not field else "." + part
        return FormatError("type", expected, shown(value), field=field)

    def value(self, value: Any, type: Type) -> str:
        if value is None:
            return "null"
        if value is True:
            return "true"
        if value is False:
            return "false"
        if isinstance(value, str):
            return self.string(value, type)
        if isinstance(value, int):
            if not INT_MIN <= value <= INT_MAX:
                raise self._fail("an integer of 64 bits", value)
            return int.__repr__(value)
        if isinstance(value, float):
            return number(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.binary(bytes(value))
        if isinstance(value, dict):
            return self.mapping(value, type)
        if isinstance(value, (list, tuple)):
            return self.sequence(value, type)
        raise self._fail("null, a boolean, a number, a string, bytes, a list or a mapping", value)

    def string(self, text: str, type: Type) -> str:
        if type.is_plain:
            if not is_word(text):
                raise self._fail("a plain word", text)
            return text
        if type.name == "unknown" and isinstance(text, Word):
            return text
        try:
            return quoted(text)
        except ValueError as error:
            raise self._fail("Unicode text", text) from error

    def binary(self, data: bytes) -> str:
        if not self.comment:
            self.comment = preview(data)
        if unit := unit_of(data):
            return "{repeat: [" + _binary(unit) + f", {len(data)}]}}"
        return _binary(data)

    def sequence(self, values: Sequence[Any], type: Type) -> str:
        element = type.element or (type if type.name == "unknown" else _ANY)
        parts = []
        for index, value in enumerate(values):
            self._path.append(f"[{index}]")
            parts.append(self.value(value, element))
            self._path.pop()
        return "[" + ", ".join(parts) + "]"

    def mapping(self, value: Mapping[str, Any], type: Type, order: list[str] | None = None) -> str:
        tables = shape()
        if type.name.startswith("{"):
            return self.fields(value, tables.records[type.name[1:-1]])
        if type.name in ("args", "kwargs"):
            return self.fields(value, {}, arguments=type.name == "args", order=order)
        if type.name == "unknown":
            return self.fields(value, {})
        form = form_of(value)
        return self.fields(value, {} if form is None else tables.forms[form])

    def fields(
        self, value: Mapping[str, Any], table: Fields, arguments: bool | None = None, order: list[str] | None = None
    ) -> str:
        known = list(table) if order is None else order
        keys = [key for key in known if key in value]
        if len(keys) < len(value):
            placed = set(keys)
            keys += [key for key in value if key not in placed]
        parts = []
        for key in keys:
            if not isinstance(key, str):
                raise self._fail("keys that are strings", key)
            self._path.append(key)
            if arguments is None:
                type = table.get(key, _UNKNOWN)
            else:
                type = _KWARGS if arguments and key == "kwargs" else _ANY
            name = key if is_word(key) else quoted(key)
            parts.append(f"{name}: {self.value(value[key], type)}")
            self._path.pop()
        return "{" + ", ".join(parts) + "}"

    def event(self, event: Mapping[str, Any]) -> str:
        table = shape().event
        keys = [key for key in table if key in event]
        if len(keys) < len(event):
            placed = set(keys)
            keys += [key for key in event if key not in placed]
        parts = []
        for key in keys:
            self._path.append(key)
            type = table.get(key, _UNKNOWN)
            if type.name == "args" and isinstance(event[key], dict):
                text = self.mapping(event[key], type, argument_order(event))
            else:
                text = self.value(event[key], type)
            parts.append(f"{key if is_word(key) else quoted(key)}: {text}")
            self._path.pop()
        return "{" + ", ".join(parts) + "}"


def _binary(data: bytes) -> str:
    return '!!binary "' + b64encode(data).decode("ascii") + '"'


def argument_order(event: Mapping[str, Any]) -> list[str] | None:
    """The names of a member's arguments in the interface's order, if the vocabulary knows the member."""
    from .vocabulary import member_of  # the vocabulary reads the shape

    member = member_of(event)
    return None if member is None else list(member.arguments)


def emit_event(event: Mapping[str, Any]) -> str:
    """The canonical line of an event, without its newline. Raises FormatError for what has no form."""
    emitter = _Emitter()
    return "--- " + emitter.event(event) + emitter.comment


def emit_header(header: Mapping[str, Any]) -> str:
    """The canonical header: a line a key, newlines included."""
    table = shape().header
    emitter = _Emitter()
    keys = [key for key in table if key in header] + [key for key in header if key not in table]
    lines = []
    for key in keys:
        name = key if is_word(key) else quoted(key)
        lines.append(f"{name}: {emitter.value(header[key], table.get(key, _UNKNOWN))}\n")
    return "".join(lines)
