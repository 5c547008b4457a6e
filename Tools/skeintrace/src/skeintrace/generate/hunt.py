"""One diverging program, cut down with Twisted and Swift as the judges."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .calibrate import Calibration
from .make import make
from .model import Program
from .recording import record
from .render import source
from .shrink import shrink, size
from .swift import Checker


class NothingToShow(Exception):
    """The program does not diverge, or does not calibrate."""


@dataclass
class Small:
    """The program that is left."""

    program: Program
    rule: str

    def write(self, folder: Path) -> Path:
        """Writes the program and its trace; gives the program's path."""
        folder.mkdir(parents=True, exist_ok=True)
        name = f"seed-{self.program.seed}-small"
        text = source(self.program)
        path = folder / f"{name}.py"
        path.write_text(text)
        record(text, name, folder / f"{name}.yaml")
        return path


class Hunt:
    """Looks for the smallest program that diverges as the whole one does."""

    def __init__(self, seed: int, folder: Path, calibration: Calibration, checker: Checker) -> None:
        self._program = make(seed)
        self._path = folder / f"seed-{seed}.yaml"
        self._calibration = calibration
        self._checker = checker
        self._rule = ""
        self.tried = 0

    def run(self) -> Small:
        """The program that is left when nothing more can be taken out."""
        rules = self._rules(self._program)
        if not rules:
            raise NothingToShow("the program agrees on Swift")
        if why := self._calibration.run([self._path], 3)[self._path]:
            raise NothingToShow(f"the program does not calibrate: {why}")
        self._rule = sorted(rules)[0]
        print(f"diverges by {', '.join(sorted(rules))}; {size(self._program)} parts", flush=True)
        return Small(shrink(self._program, self._shows, self._tell), self._rule)

    def _shows(self, program: Program) -> bool:
        self.tried += 1
        if self._rule not in self._rules(program):
            return False
        return not self._calibration.run([self._path], 2)[self._path]

    def _rules(self, program: Program) -> set[str]:
        """By which rules a program's trace diverges each time, on any back end."""
        if record(source(program), self._path.stem, self._path).why:
            return set()
        rules: dict[str, set[str]] = {}
        for verdict in self._checker.check([self._path]):
            rules.setdefault(verdict.back_end, set()).add((verdict.rule or verdict.state) if verdict.differs else "")
        return {rule for found in rules.values() if "" not in found for rule in found}

    def _tell(self, program: Program) -> None:
        print(f"{size(program)} parts after {self.tried} tries", flush=True)
