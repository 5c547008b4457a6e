"""Reads a trace, streaming: a line at a time, each through the strict scanner or, failing that, the YAML parser."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Iterator

from .budget import Budget
from .errors import FormatError, shown
from .limits import DEFAULT, Limits
from .loose import LooseReader, check_characters, check_depth
from .scan import NotCanonical, Scanner
from .shape import shape
from .tree import Crossing, Tree

Event = dict[str, Any]
Header = dict[str, Any]

_MAGIC = {
    b"\xa1\xb2\xc3\xd4": "a pcap file",
    b"\xd4\xc3\xb2\xa1": "a pcap file",
    b"\xa1\xb2\x3c\x4d": "a pcap file",
    b"\x4d\x3c\xb2\xa1": "a pcap file",
    b"\x0a\x0d\x0d\x0a": "a pcapng file",
    b"\x1f\x8b": "a gzip file",
}
_START = b"--- "


def _not_text(line: bytes) -> str | None:
    """What kind of other file starts like this, or None where it may be a trace."""
    for magic, kind in _MAGIC.items():
        if line.startswith(magic):
            return kind
    if not line:
        return "an empty file"
    if line.startswith((b"{", b"[")):
        return "JSON or the like"
    return None


def _is_marker(line: bytes) -> bool:
    """Whether the line starts a document: the end of the header."""
    return line.startswith(b"---") and line[3:4] in (b" ", b"\n")


class Reader:
    """The events of one trace, in order. Iterating yields `(line number, event)`.

    The header is read by the constructor. Iteration ends after the `eof` event, which it yields; a file that ends
    before raises FormatError `truncated` once every event before the cut was yielded.
    """

    def __init__(self, file: BinaryIO, name: str = "", limits: Limits = DEFAULT) -> None:
        self._file = file
        self.name = name
        self._limits = limits
        self._budget = Budget(limits)
        self._scanner = Scanner(self._budget)
        self._number = 0
        self._size = 0
        self._ahead: bytes | None = None
        self.lines: list[str] | None = None
        """Set to a list to have each event's line put there as it is read, newline included."""
        try:
            self.header_text = self._header_text()
            self.header: Header = self._header()
        except FormatError as error:
            raise error.at(file=name, line=max(self._number, 1))

    def __iter__(self) -> Iterator[tuple[int, Event]]:
        try:
            yield from self._events()
        except FormatError as error:
            raise error.at(file=self.name, line=self._number)

    def _line(self) -> bytes:
        if self._ahead is not None:
            line, self._ahead = self._ahead, None
            return line
        limit = self._limits.line
        line = self._file.readline(limit + 2)
        self._number += 1
        self._size += len(line)
        if self._size > self._limits.file:
            expected = f"a file of at most {self._limits.file} bytes"
            raise FormatError("trace-too-large", expected, "a larger one", line=self._number)
        if len(line) - line.endswith(b"\n") > limit:
            raise FormatError("line-too-long", f"a line of at most {limit} bytes", "a longer one", line=self._number)
        return line

    def _header_text(self) -> str:
        limit = self._limits.header
        line = self._file.readline(limit + 1)
        self._number = 1
        self._size = len(line)
        found = _not_text(line)
        if found:
            raise FormatError("not-a-trace", "format: skein-trace", found, line=1)
        text = b""
        recognised = False
        while not _is_marker(line):
            if not line or not line.endswith(b"\n") and len(line) <= limit:
                if recognised or line.startswith(b"format:"):
                    raise FormatError("truncated", "an eof event", "the end of the file", field="eof")
                raise FormatError("not-a-trace", "format: skein-trace", "something else", line=1)
            body = line.rstrip(b"\n")
            if not recognised and body.strip(b" ") and not body.startswith(b"#"):
                if not body.startswith(b"format:"):
                    raise FormatError("not-a-trace", "format: skein-trace", "something else", line=self._number)
                recognised = True
            if len(text) + len(line) > limit:
                raise FormatError("header-too-long", f"a header of at most {limit} bytes", "more", line=self._number)
            check_characters(body, self._number)
            if body.startswith(b"%"):
                raise FormatError("directive", "no directives", "a directive", line=self._number, column=1)
            text += line
            line = self._line()
        if not recognised:
            raise FormatError("not-a-trace", "format: skein-trace", "no header", line=1)
        self._ahead = line
        return text.decode("ascii")

    def _header(self) -> Header:
        header = self._canonical_header()
        if header is None:
            self._budget.spent = 0
            for number, line in enumerate(self.header_text.splitlines(), 1):
                check_depth(line, self._limits.depth, number)
            header = LooseReader(self.header_text, 1, self._budget).document()
        if not isinstance(header, dict):
            raise FormatError("type", "a header of keys and values", shown(header), line=1)
        if header.get("format") != "skein-trace":
            found = shown(header.get("format"))
            raise FormatError("not-a-trace", "skein-trace", found, field="format", line=self.header_line("format"))
        version = header.get("version")
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise FormatError(
                "version",
                "the version of the format, an integer",
                shown(version),
                field="version",
                line=self.header_line("version"),
            )
        if version > shape().version:
            raise FormatError(
                "version",
                f"version {shape().version}: a newer tool is needed",
                shown(version),
                field="version",
                line=self.header_line("version"),
            )
        required = header.get("requires", [])
        for feature in required if isinstance(required, list) else [required]:
            if not isinstance(feature, str) or feature not in shape().features:
                raise FormatError(
                    "requires",
                    "features that this tool knows: " + ", ".join(sorted(shape().features)),
                    shown(feature),
                    field="requires",
                    line=self.header_line("requires"),
                )
        return header

    def header_line(self, key: str) -> int:
        """The line on which a key of the header stands, 1 where it does not."""
        for number, line in enumerate(self.header_text.splitlines(), 1):
            if line.startswith(key + ":"):
                return number
        return 1

    def _canonical_header(self) -> Header | None:
        header: Header = {}
        for line in self.header_text.splitlines():
            key, colon, _ = line.partition(": ")
            if not colon or key in header or not key.isidentifier():
                return None
            try:
                header[key] = self._scanner.line(line, len(key) + 2)
            except NotCanonical:
                return None
        return header

    def _events(self) -> Iterator[tuple[int, Event]]:
        count = 0
        while True:
            line = self._line()
            if not line:
                raise FormatError("truncated", "an eof event", "the end of the file", field="eof", line=self._number)
            event = self._event(line)
            if event is None:
                continue
            if self.lines is not None:
                self.lines.append(line.decode("ascii"))
            if "eof" in event:
                place = self._number
                self._expect_nothing_more()
                yield place, event
                return
            if not line.endswith(b"\n"):
                raise FormatError("truncated", "an eof event", "the end of the file", field="eof", line=self._number)
            count += 1
            if count > self._limits.events:
                raise FormatError("too-many-events", f"at most {self._limits.events} events", "more")
            yield self._number, event
    def _expect_nothing_more(self) -> None:
        while line := self._line():
            if line.removesuffix(b"\n").strip(b" ") and not line.startswith(b"#"):
                raise FormatError("after-eof", "nothing after the eof event", "more", line=self._number)

    def _event(self, raw: bytes) -> Event | None:
        number = self._number
        terminated = raw.endswith(b"\n")
        body = raw[:-1] if terminated else raw
        if not body.strip(b" ") or body.startswith(b"#"):
            return None
        check_characters(body, number)
        text = body.decode("ascii")
        if not body.startswith(_START):
            if not terminated and _START.startswith(body):
                raise FormatError("truncated", "an eof event", "the end of the file", field="eof", line=number)
            code = "directive" if body.startswith(b"%") else "syntax"
            raise FormatError(code, "an event that starts with '--- {'", shown(text), line=number, column=1)
        spent = self._budget.spent
        try:
            event = self._scanner.line(text, len(_START))
        except NotCanonical:
            self._budget.spent = spent
            try:
                check_depth(text, self._limits.depth, number)
                event = LooseReader(text, number, self._budget).document()
            except FormatError as error:
                if not terminated:
                    raise FormatError(
                        "truncated", "an eof event", "the end of the file", field="eof", line=number
                    ) from error
                raise
        if not isinstance(event, dict):
            raise FormatError("type", "an event, a mapping", shown(event), line=number)
        return event


@dataclass
class Trace:
    """A whole trace in memory: its header and its events as plain dictionaries, the eof event apart."""

    header: Header
    events: list[Event]
    lines: list[int] = field(default_factory=list)
    """The line number of each event."""
    eof: dict[str, Any] | None = None
    """What the eof event says, or None where the file is truncated."""
    file: str = ""

    @property
    def truncated(self) -> bool:
        """Whether the file ended before its eof event."""
        return self.eof is None

    def tree(self) -> list[Crossing]:
        """The events as a forest: each crossing with what happened inside it. Raises FormatError where they do not nest."""
        tree = Tree(self.file)
        for number, event in zip(self.lines, self.events):
            tree.add(event, number)
        return tree.roots


def iterate(path: str | os.PathLike[str], limits: Limits = DEFAULT) -> Iterator[Event]:
    """The header and then each event of the trace at `path`, the eof event last, in bounded memory."""
    with open(path, "rb") as file:
        reader = Reader(file, os.fspath(path), limits)
        yield reader.header
        for _, event in reader:
            yield event


def read(path: str | os.PathLike[str], limits: Limits = DEFAULT, *, allow_truncated: bool = False) -> Trace:
    """The trace at `path`. Raises FormatError for what is no trace, and for a truncated one unless that is allowed."""
    with open(Path(path), "rb") as file:
        reader = Reader(file, os.fspath(path), limits)
        trace = Trace(reader.header, [], file=os.fspath(path))
        try:
            for number, event in reader:
                if "eof" in event:
                    trace.eof = event["eof"]
                else:
                    trace.events.append(event)
                    trace.lines.append(number)
        except FormatError as error:
            if error.code != "truncated" or not allow_truncated:
                raise
        return trace
