"""Writes a trace in the canonical form, streaming: a line an event, flushed as it is written."""

from __future__ import annotations

from types import TracebackType
from typing import Any, BinaryIO, Mapping

from .emit import emit_event, emit_header


class Writer:
    """Writes the header when it is made, then an event a call, then the eof event.

    `file` is open for writing bytes. Keys may be given in any order: the writer puts them into the canonical one, and
    quotes strings by where they stand. Nothing is numbered or checked here but that every value has a form.
    """

    def __init__(self, file: BinaryIO, header: Mapping[str, Any]) -> None:
        self._file = file
        self.events = 0
        """How many events were written, `end` lines not counted."""
        whole = {"format": "skein-trace", "version": 1, **header}
        self._write(emit_header(whole))

    def event(self, event: Mapping[str, Any]) -> None:
        """Writes one event, an `end` line included. Raises FormatError for a value without a form, and then writes nothing."""
        self._write(emit_event(event) + "\n")
        if "end" not in event:
            self.events += 1

    def close(self, open: int = 0, lost: int = 0, opaque: list[str] | None = None) -> None:
        """Writes the eof event: how many events, how many crossings never closed, how many events were lost, and the
        classes of values that had no form. The file stays open."""
        eof: dict[str, Any] = {"events": self.events, "open": open, "lost": lost}
        if opaque:
            eof["opaque"] = sorted(set(opaque))
        self._write(emit_event({"eof": eof}) + "\n")

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()

    def _write(self, text: str) -> None:
        self._file.write(text.encode("ascii"))
        self._file.flush()
