"""Where a recording is written."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Callable

from ..format import FormatError, Writer, read
from ..judge.recording import RecordingError
from .cut import end_cut_recording
from .derive import derive
from .fold import fold
from .journal import Event

if TYPE_CHECKING:
    from .recorder import Recorder


def write_trace(path: Path, header: dict[str, Any], events: list[Event], recorder: Recorder) -> None:
    """Writes a whole trace beside its place, and then puts it there."""
    save(path, header, events, recorder.journal.open, recorder.values.opaque)


def save(path: Path, header: dict[str, Any], events: list[Event], open_crossings: int, opaque: set[str]) -> None:
    """The same, by what the end of the trace says of the recording."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        writer = Writer(file, header)
        for event in events:
            writer.event(event)
        writer.close(open=open_crossings, opaque=sorted(opaque))
    os.replace(part, path)


class FileSink:
    """Writes a program's events as they happen. A sink that fails ends the recording, never the program."""

    def __init__(self, path: Path, header: Callable[[], dict[str, Any]]) -> None:
        self.path = path
        self.lost = 0
        self.events = 0
        self._header = header
        self._file: BinaryIO | None = None
        self._writer: Writer | None = None
        self._failed = False
        self._abandoned = False

    def event(self, event: Event) -> None:
        """Writes one line; the file and its header are made with the first."""
        if self._failed:
            self.lost += "end" not in event
            return
        try:
            if self._writer is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = open(self.path, "wb")
                self._writer = Writer(self._file, self._header())
            self._writer.event(event)
            self.events += 1
        except FormatError as error:
            self.lost += 1
            sys.stderr.write(f"skeintrace: an event was lost: {error}\n")
        except OSError as error:
            self._failed = True
            self.lost += "end" not in event
            sys.stderr.write(f"skeintrace: recording stopped: {error}\n")

    def abandon(self) -> None:
        """Writes nothing more: the file is another process's."""
        self._failed = self._abandoned = True

    def close(self, recorder: Recorder) -> None:
        """Ends the file, and derives the peers that it does not show or folds its floods."""
        if self._writer is None or self._file is None:
            return
        if self._failed:
            self._cut(self._file)
            return
        try:
            self._writer.close(open=recorder.journal.open, lost=self.lost, opaque=sorted(recorder.values.opaque))
            self._file.close()
            self._finish(recorder)
        except OSError as error:
            sys.stderr.write(f"skeintrace: recording stopped: {error}\n")
        except (FormatError, RecordingError) as error:
            sys.stderr.write(f"skeintrace: the recording is left as it was written, without derived peers: {error}\n")

    def _cut(self, file: BinaryIO) -> None:
        """Marks in the file what was lost, where it is one that can be read again."""
        if self._abandoned or not self.path.is_file():
            return
        with contextlib.suppress(OSError):
            # What is still buffered must not come behind the mark.
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), file.fileno())
            file.close()
            end_cut_recording(self.path, self.lost)

    def _finish(self, recorder: Recorder) -> None:
        """Gives the trace the peers that were not seen; one that needs none has its floods folded.

        With derived peers the count of a flood matters: it says which bytes a peer has received.
        """
        trace = read(self.path)
        header = {key: value for key, value in trace.header.items() if key not in ("format", "version")}
        derived = derive(header, trace.events)
        for why in derived.without:
            sys.stderr.write(f"skeintrace: a connection has no peer in the trace: {why}\n")
        written = derived.events if derived.count else fold(derived.events)
        if written is not trace.events:
            write_trace(self.path, derived.header, written, recorder)
