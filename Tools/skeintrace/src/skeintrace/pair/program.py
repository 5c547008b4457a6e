"""Records a program that uses twisted.pair, from its first line to its last."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from ..record.header import in_words
from ..record.journal import EventList
from ..record.sink import save
from . import intercept
from .active import active
from .recorder import PairRecorder
from .trial import pair_header


class Program:
    """A script and its arguments."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.name, *self.arguments = words
        self.stem = Path(self.name).stem
        self.path = folder / f"{self.stem}.yaml"
        self.sink = EventList()
        self.recorder = PairRecorder(self.sink)

    def run(self) -> int:
        """Runs the program in this process, as the interpreter would, writes the trace, and gives the exit status."""
        intercept.install()
        sys.argv = [self.name, *self.arguments]
        sys.path.insert(0, os.path.dirname(os.path.abspath(self.name)))
        active.recorder = self.recorder
        self.recorder.open_window()
        try:
            runpy.run_path(self.name, run_name="__main__")
        except SystemExit as ending:
            return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
        finally:
            self.recorder.close_window()
            active.recorder = None
            intercept.uninstall()
            self._write()
        return 0

    def _write(self) -> None:
        if not self.sink.events:
            return
        head = pair_header(
            title=in_words(self.stem),
            case=f"scenario/{self.stem}",
            source=os.path.basename(self.name),
            events=self.sink.events,
            command=[os.path.basename(self.name), *self.arguments],
        )
        save(self.path, head, self.sink.events, self.recorder.journal.open, self.recorder.values.opaque)
