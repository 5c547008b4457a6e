"""The strict scanner: reads the canonical form of one flow value, and nothing else, in one pass.

What it refuses is not wrong yet: the caller hands the line to the YAML parser (`loose`), which accepts it or says why not.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error as BinasciiError
from binascii import a2b_base64
from math import isinf
from typing import Any

from .budget import Budget
from .text import INT_MAX, INT_MIN, RESERVED, SPECIAL, Word, unquoted


class NotCanonical(Exception):
    """The text is not in the canonical form."""


_STRING = r'"((?:[ !#-\[\]-~]|\\(?:["\\nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}))*)"'
_WORD = r"([A-Za-z_][A-Za-z0-9_.-]*)"
_KEY = re.compile(rf"(?:{_WORD}|{_STRING}): ")
_VALUE = re.compile(
    rf"(\{{)|(\[)|{_WORD}|{_STRING}|(-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e[-+][0-9]{{2,3}})?|-?\.inf|\.nan)|(-?[0-9]+)"
    r'|!!binary "([A-Za-z0-9+/]*={0,2})"'
)
_MAPPING, _LIST, _PLAIN, _QUOTED, _FLOAT, _INTEGER, _BINARY = range(1, 8)
_COMMENT = re.compile(rf"  # {_STRING}(?:\.\.\.)? [0-9]+ B\Z")

_CONSTANTS: dict[str, Any] = {"null": None, "true": True, "false": False}


class Scanner:
    """Scans the lines of one trace, each to the budget that the trace has left."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def line(self, text: str, start: int = 0) -> Any:
        """The value that stands from `start` to the end of the text, but for a preview comment."""
        try:
            value, end = self._value(text, start, 0)
        except (ValueError, IndexError) as error:
            raise NotCanonical from error
        if end != len(text) and _COMMENT.match(text, end) is None:
            raise NotCanonical
        return value

    def _value(self, text: str, position: int, depth: int) -> tuple[Any, int]:
        match = _VALUE.match(text, position)
        if match is None:
            raise NotCanonical
        kind = match.lastindex
        end = match.end()
        if kind == _PLAIN:
            word = match[_PLAIN]
            if word in _CONSTANTS:
                return _CONSTANTS[word], end
            if word.lower() in RESERVED:
                raise NotCanonical
            return Word(word), end
        if kind == _INTEGER:
            digits = match[_INTEGER]
            if len(digits) > 20 or digits == "-0" or (digits.lstrip("-")[0] == "0" and len(digits) > 1):
                raise NotCanonical
            integer = int(digits)
            if not INT_MIN <= integer <= INT_MAX:
                raise NotCanonical
            return integer, end
        if kind == _QUOTED:
            string = unquoted(match[_QUOTED])
            if not self._budget.take_text(string):
                raise NotCanonical
            return string, end
        if kind == _MAPPING:
            return self._mapping(text, end, depth + 1)
        if kind == _LIST:
            return self._list(text, end, depth + 1)
        if kind == _BINARY:
            return self._bytes(match[_BINARY]), end
        digits = match[_FLOAT]
        if digits in SPECIAL:
            return SPECIAL[digits], end
        double = float(digits)
        if isinf(double):
            raise NotCanonical
        return double, end

    def _mapping(self, text: str, position: int, depth: int) -> tuple[Any, int]:
        if depth > self._budget.limits.depth:
            raise NotCanonical
        value: dict[str, Any] = {}
        if text[position] == "}":
            return value, position + 1
        while True:
            match = _KEY.match(text, position)
            if match is None:
                raise NotCanonical
            key = match[1]
            if key is None:
                key = unquoted(match[2])
            elif key.lower() in RESERVED:
                raise NotCanonical
            if key in value or len(key) > self._budget.limits.key:
                raise NotCanonical
            value[key], position = self._value(text, match.end(), depth)
            if text[position] == "}":
                return self._run(value), position + 1
            if text[position : position + 2] != ", ":
                raise NotCanonical
            position += 2

    def _list(self, text: str, position: int, depth: int) -> tuple[Any, int]:
        if depth > self._budget.limits.depth:
            raise NotCanonical
        values: list[Any] = []
        if text[position] == "]":
            return values, position + 1
        while True:
            value, position = self._value(text, position, depth)
            values.append(value)
            if text[position] == "]":
                return values, position + 1
            if text[position : position + 2] != ", ":
                raise NotCanonical
            position += 2

    def _bytes(self, text: str) -> bytes:
        try:
            data = a2b_base64(text)
        except BinasciiError as error:
            raise NotCanonical from error
        if b64encode(data).decode("ascii") != text or not self._budget.take(len(data)):
            raise NotCanonical
        return data

    def _run(self, value: dict[str, Any]) -> Any:
        """Bytes, where the mapping is a run of one byte."""
        if "repeat" not in value or len(value) != 1:
            return value
        run = value["repeat"]
        if not isinstance(run, list):
            return value
        expanded = self._budget.expand(run)
        if expanded is None:
            raise NotCanonical
        return expanded
