"""The one error of the format: where it is, what was expected, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from .text import is_word


class FormatError(ValueError):
    """A trace that breaks a rule of the format.

    `code` is the short name of the broken rule, the same in every implementation; `line` and `column` count from 1
    (a column of 0 means the whole line); `field` is the path inside the event, such as `args.data` or
    `gives.ipv4[1]`, empty for the event itself.
    """

    def __init__(
        self,
        code: str,
        expected: str,
        found: str,
        *,
        field: str = "",
        line: int = 0,
        column: int = 0,
        file: str = "",
    ) -> None:
        super().__init__(code, expected, found)
        self.code = code
        self.expected = expected
        self.found = found
        self.field = field
        self.line = line
        self.column = column
        self.file = file

    def at(self, *, file: str, line: int) -> FormatError:
        """The same error with its place filled in where it was not known yet."""
        self.file = self.file or file
        self.line = self.line or line
        return self

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        where = f"{printable(self.field)}: " if self.field else ""
        return f"{place}: {where}expected {self.expected}, found {self.found} [{self.code}]"


def printable(text: str) -> str:
    """Text in printable ASCII: a key of a trace can have anything in it."""
    return text if text.isascii() and text.isprintable() else ascii(text)[1:-1]


def shown_keys(event: Mapping[str, object]) -> str:
    """The first keys of an event that is of no known kind."""
    keys = [key if is_word(key) else shown(key) for key in islice(event, 8)]
    return "the keys " + ", ".join(keys) + (", ..." if len(event) > 8 else "")


def shown(value: object, limit: int = 40) -> str:
    """A value from a trace as it may stand in an error message: one line, ASCII, short."""
    if isinstance(value, (bytes, bytearray)):
        text = repr(bytes(value[: limit + 1]))
    elif isinstance(value, str):
        text = ascii(value[: limit + 1])
    elif isinstance(value, dict):
        text = "a mapping"
    elif isinstance(value, list):
        text = "a list"
    elif value is None:
        text = "null"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = ascii(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
