"""Records any program that uses Twisted, from the moment that it makes its reactor."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from pathlib import Path
from typing import NoReturn

from . import intercept
from .active import active
from .header import header, in_words
from .recorder import Recorder
from .sides import sides
from .sink import FileSink
from .trial import REACTORS


_ENDING = (signal.SIGTERM, signal.SIGINT)


class Program:
    """A script, or a module with `-m`, and its arguments."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.module = words[0] == "-m"
        self.name = words[1] if self.module else words[0]
        self.arguments = words[2:] if self.module else words[1:]
        self.stem = self.name.rpartition(".")[2] if self.module else Path(self.name).stem
        self.path = folder / f"{self.stem}.yaml"
        self.sink = FileSink(self.path, self._header)
        self.recorder = Recorder(self.sink)

    def _header(self) -> dict[str, object]:
        from twisted.internet import reactor

        name = REACTORS.get(type(reactor).__name__, type(reactor).__name__)
        return header(
            title=in_words(self.stem),
            case=f"program/{self.stem}",
            source=os.path.basename(self.name),
            reactor=name,
            command=[os.path.basename(self.name), *self.arguments],
        )

    def run(self) -> int:
        """Runs the program in this process, as the interpreter would, and gives its exit status."""
        intercept.install()
        self._keep_the_end()
        sides.reset()
        self.recorder.opens_with_reactor = True
        active.recorder = self.recorder
        sys.argv = [self.name, *self.arguments]
        try:
            if self.module:
                sys.path.insert(0, os.getcwd())
                runpy.run_module(self.name, run_name="__main__", alter_sys=True)
            else:
                sys.path.insert(0, os.path.dirname(os.path.abspath(self.name)))
                runpy.run_path(self.name, run_name="__main__")
        except SystemExit as ending:
            return _status(ending)
        finally:
            self._close()
        return 0

    def _keep_the_end(self) -> None:
        """What is open is in the file even if the program hangs, is killed or leaves without a word, and all is if it kills
        itself as a signal would have; a child process writes nothing."""
        journal = self.recorder.journal
        journal.watch()
        original = os._exit

        def _exit(status: int) -> NoReturn:
            journal.close()
            original(status)

        intercept.replace(os, "_exit", _exit)
        kill = os.kill

        def _kill(process: int, number: int) -> None:
            # So `twist` and `twistd` end, once a signal has stopped the reactor.
            if process == os.getpid() and number in _ENDING and signal.getsignal(number) is signal.SIG_DFL:
                self._close()
            kill(process, number)

        intercept.replace(os, "kill", _kill)
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self.recorder.passive = self.recorder.closed = True
        self.sink.abandon()

    def _close(self) -> None:
        self.recorder.close_window()
        active.recorder = None
        sides.reset()
        self.sink.close(self.recorder)
        intercept.uninstall()


def _status(ending: SystemExit) -> int:
    if ending.code is None or isinstance(ending.code, int):
        return ending.code or 0
    sys.stderr.write(f"{ending.code}\n")
    return 1
