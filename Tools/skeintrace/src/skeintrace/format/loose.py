"""What is YAML but not the canonical form: hand-edited lines and headers, through libyaml's events.

Nothing is constructed by the YAML library: its events are taken one by one, and whatever is outside the format's subset
is refused by name. The lexical checks of this file run before the library sees the text.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error as BinasciiError
from binascii import a2b_base64
from math import isinf
from typing import Any, Iterator

import yaml

from .budget import Budget
from .errors import FormatError, shown
from .run import LONGEST_UNIT, is_run
from .text import FLOAT, INT_MAX, INT_MIN, INTEGER, SPECIAL, Word, is_word

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BINARY = "tag:yaml.org,2002:binary"
_FOREIGN = re.compile(rb"[^ -~]")


def check_characters(line: bytes, number: int) -> None:
    """Refuses everything but printable ASCII."""
    match = _FOREIGN.search(line)
    if match is None:
        return
    byte = match[0][0]
    name = {9: "a tab", 13: "a carriage return", 0: "a NUL"}.get(byte, f"the byte 0x{byte:02x}")
    code = "not-ascii" if byte > 0x7E else "character"
    raise FormatError(code, "printable ASCII", name, line=number, column=match.start() + 1)


def check_depth(text: str, limit: int, number: int) -> None:
    """Refuses a line whose brackets outside quotes nest deeper than the limit."""
    depth = 0
    quote = ""
    skip = False
    for column, character in enumerate(text):
        if skip:
            skip = False
        elif quote:
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"':
                skip = True
        elif character in "\"'":
            quote = character
        elif character in "{[":
            depth += 1
            if depth > limit:
                raise FormatError(
                    "too-deep", f"at most {limit} levels of brackets", "more", line=number, column=column + 1
                )
        elif character in "}]":
            depth -= 1


class LooseReader:
    """Reads one document from the events of the YAML library."""

    def __init__(self, text: str, line: int, budget: Budget) -> None:
        self._budget = budget
        self._line = line
        self._last = text.removesuffix("\n").count("\n")
        self._path: list[str] = []
        self._depth = 0
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Any:
        """The only document of the text."""
        try:
            self._expect(yaml.StreamStartEvent)
            start = next(self._events)
            if not isinstance(start, yaml.DocumentStartEvent):
                raise self._error("syntax", "a document", "nothing", start)
            if start.version or start.tags:
                raise self._error("directive", "no directives", "a directive", start)
            value = self._value(next(self._events))
            self._expect(yaml.DocumentEndEvent)
            end = next(self._events)
            if not isinstance(end, yaml.StreamEndEvent):
                raise self._error("syntax", "one document", "another one", end)
            return value
        except StopIteration as error:  # the library ends a stream with an event: this is for stubs of it
            raise self._error("syntax", "a document", "the end") from error
        except yaml.MarkedYAMLError as error:
            raise self._error("syntax", "YAML", error.problem or "something else", None, error.problem_mark) from error
        except yaml.YAMLError as error:
            raise self._error("syntax", "YAML", str(error)) from error

    def _expect(self, kind: type) -> None:
        event = next(self._events)
        if not isinstance(event, kind):
            raise self._error("syntax", "one value", "more", event)

    def _error(self, code: str, expected: str, found: str, event: Any = None, mark: Any = None) -> FormatError:
        mark = mark or (event.start_mark if event is not None else None)
        field = ""
        for part in self._path:
            field += part if part.startswith("[") or not field else "." + part
        # What is missing at the end is found on a line that is not there.
        is_inside = mark is not None and mark.line <= self._last
        return FormatError(
            code,
            expected,
            found,
            field=field,
            line=self._line + (mark.line if is_inside else self._last),
            column=mark.column + 1 if is_inside else 0,
        )

    def _value(self, event: Any) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise self._error("alias", "a value", f"the alias *{event.anchor}", event)
        if getattr(event, "anchor", None) is not None:
            raise self._error("anchor", "a value", f"the anchor &{event.anchor}", event)
        tag = getattr(event, "tag", None)
        if tag is not None and not (tag == _BINARY and isinstance(event, yaml.ScalarEvent)):
            raise self._error("tag", "no tag but !!binary on a string", f"the tag {shown(tag)}", event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        raise self._error("syntax", "a value", "nothing", event)

    def _enter(self, event: Any) -> None:
        self._depth += 1
        if self._depth > self._budget.limits.depth:
            raise self._error("too-deep", f"at most {self._budget.limits.depth} levels of brackets", "more", event)

    def _list(self, start: Any) -> list[Any]:
        self._enter(start)
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(f"[{len(values)}]")
            values.append(self._value(event))
            self._path.pop()
        self._depth -= 1
        return values

    def _mapping(self, start: Any) -> Any:
        self._enter(start)
        value: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            self._path.append(key)
            if key in value:
                raise self._error("duplicate-key", "each key once", f"{shown(key)} again", event)
            value[key] = self._value(next(self._events))
            self._path.pop()
        self._depth -= 1
        if len(value) == 1 and isinstance(value.get("repeat"), list):
            return self._run(value["repeat"], start)
        return value

    def _run(self, run: list[Any], start: Any) -> bytes:
        if not is_run(run):
            raise self._error("run", f"1 to {LONGEST_UNIT} bytes and the length they are repeated to", "something else", start)
        data = self._budget.expand(run)
        if data is None:
            raise self._too_large(run[1], start)
        return data

    def _too_large(self, size: int, event: Any) -> FormatError:
        limits = self._budget.limits
        if size > limits.value:
            return self._error("value-too-long", f"at most {limits.value} bytes in one value", str(size), event)
        return self._error("trace-too-large", f"at most {limits.total} bytes of values in a trace", "more", event)

    def _key(self, event: Any) -> str:
        if isinstance(event, yaml.AliasEvent):
            raise self._error("alias", "a key", f"the alias *{event.anchor}", event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error("key", "a string as key", "a list or mapping", event)
        if event.anchor is not None:
            raise self._error("anchor", "a key", f"the anchor &{event.anchor}", event)
        if event.tag is not None:
            raise self._error("tag", "a key without a tag", f"the tag {shown(event.tag)}", event)
        key: str = event.value
        self._one_line(event)
        if not event.style:
            if key == "<<":
                raise self._error("merge-key", "a key", "the merge key <<", event)
            if not is_word(key):
                raise self._error("key", "a plain word or a quoted string as key", shown(key), event)
        if len(key.encode()) > self._budget.limits.key:
            raise self._error("key-too-long", f"a key of at most {self._budget.limits.key} bytes", "more", event)
        return key

    def _one_line(self, event: Any) -> None:
        if event.style in ("|", ">") or event.start_mark.line != event.end_mark.line:
            raise self._error("multi-line", "a value on one line", "one over several", event)

    def _scalar(self, event: Any) -> Any:
        self._one_line(event)
        text: str = event.value
        if event.tag == _BINARY:
            return self._bytes(text, event)
        if event.style:
            try:
                size = len(text.encode())
            except UnicodeEncodeError:
                raise self._error("escape", "Unicode text", "a lone surrogate", event) from None
            if not self._budget.take(size):
                raise self._too_large(size, event)
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if INTEGER.match(text):
            return self._integer(text, event)
        if text in SPECIAL:
            return SPECIAL[text]
        if FLOAT.match(text):
            value = float(text)
            if isinf(value):
                raise self._error("number", "a number within a double's range", shown(text), event)
            return value
        if is_word(text):
            return Word(text)
        raise self._error(
            "plain", "a word, a number, null, true, false or a quoted string", f"plain {shown(text)}", event
        )

    def _integer(self, text: str, event: Any) -> int:
        value = int(text) if len(text) <= 20 else INT_MAX + 1
        if not INT_MIN <= value <= INT_MAX:
            raise self._error("number", "an integer of 64 bits", shown(text), event)
        return value

    def _bytes(self, text: str, event: Any) -> bytes:
        if event.style != '"':
            raise self._error("base64", "bytes in double quotes", "others", event)
        try:
            data = a2b_base64(text.encode())
        except BinasciiError:
            data = None
        if data is None or b64encode(data).decode() != text:
            raise self._error("base64", "canonical base64", shown(text), event)
        if not self._budget.take(len(data)):
            raise self._too_large(len(data), event)
        return data


_CONSTANTS: dict[str, Any] = {"null": None, "true": True, "false": False}
