"""What a server has written to a connection, and how much of it had surely gone out at any place of the trace."""

from __future__ import annotations

from collections.abc import Callable

from ..judge.recording import Event, Raised


class Outgoing:
    """The bytes of one connection's way out.

    A transport with a producer that it has paused, or resumes each time it has sent all, holds bytes back as long as the
    other end does not read. What was written before it was resumed last had gone out then; of the rest nothing is known.
    """

    def __init__(self, place_of: Callable[[int], int]) -> None:
        self._place_of = place_of
        self._data = bytearray()
        #: Places of the trace, with how many bytes had surely gone out by then and the write that holds the last.
        self._marks: list[tuple[int, int, int | None]] = []
        self._write: int | None = None
        self._sure: tuple[int, int | None] = (0, None)
        self._producer: str | None = None
        self._pulled = self._paused = self._closed = False
        self.last: Event | None = None
        """The last write."""

    def take(self, event: Event) -> None:
        """Takes in the next thing that was seen or done at this connection."""
        if event.kind == "call":
            self._call(event)
        elif event.method == "pauseProducing":
            self._paused = True
        elif event.method == "resumeProducing":
            self._paused = False
            if event.phase == "io":
                self._sure = (len(self._data), self._write)
        elif event.method in ("connectionLost", "writeConnectionLost"):
            self._closed = True
        held = self._pulled or self._paused
        count, write = self._sure if held else (len(self._data), self._write)
        self._marks.append((self._place_of(event.n), count, write))

    def _call(self, event: Event) -> None:
        if isinstance(event.outcome, Raised):
            return
        if event.method in ("write", "writeSequence") and not self._closed:
            data = event.args.get("data")
            given = data if isinstance(data, list) else [data]
            pieces = [piece for piece in given if isinstance(piece, bytes)]
            if len(pieces) != len(given):
                self._closed = True
            elif any(pieces):
                self._data += b"".join(pieces)
                self._write, self.last = event.n, event
        elif event.method == "registerProducer":
            self._pulled = event.args.get("streaming") is False
            self._sure = (len(self._data), self._write) if not self._pulled else self._sure
        elif event.method == "unregisterProducer":
            self._pulled = self._paused = False
        elif event.method in ("loseWriteConnection", "abortConnection"):
            self._closed = True

    def sent_before(self, place: int) -> tuple[bytes, int | None]:
        """What had surely gone out at a place, and the write that holds the last of it."""
        count, write = 0, None
        for mark, known, by in self._marks:
            if mark >= place:
                break
            count, write = known, by
        return bytes(self._data[:count]), write
