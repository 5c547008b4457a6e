"""Many programs: each written, recorded, calibrated on Twisted, and judged on Swift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .calibrate import Calibration
from .make import make
from .recording import record
from .render import source
from .swift import BACK_ENDS, Checker, Verdict

#: How often a trace that diverges on Swift is tried again, on Twisted and on Swift, before it counts.
AGAIN = 5
#: How many more recordings of its program are made of one that still diverges.
RECORDINGS = 2
#: The state of a verdict that another recording of the same program does not confirm.
UNSTEADY = "unsteady"


@dataclass
class Made:
    """One program, and what became of it."""

    seed: int
    path: Path
    #: Why it was not recorded or does not calibrate; "" where it does.
    why: str = ""
    events: int = 0
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def differs(self) -> list[Verdict]:
        """The verdicts by which it diverges."""
        return [verdict for verdict in self.verdicts if verdict.differs]


class Campaign:
    """Programs by their seeds, in one folder."""

    def __init__(self, folder: Path, calibration: Calibration | None, checker: Checker | None) -> None:
        self.folder = folder
        self._calibration = calibration
        self._checker = checker
        self.made: list[Made] = []

    def run(self, seeds: Iterable[int]) -> None:
        """Makes and judges all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for seed in seeds:
            self.made.append(self._make(seed))
        if self._calibration is not None:
            self._calibrate([made for made in self.made if not made.why], 1)
        if self._checker is not None:
            self._check(self._checker)
        self._put_aside()
        self._list()

    def _make(self, seed: int) -> Made:
        name = f"seed-{seed}"
        text = source(make(seed))
        (self.folder / f"{name}.py").write_text(text)
        found = record(text, name, self.folder / f"{name}.yaml")
        return Made(seed, found.path, f"not recorded: {found.why}" if found.why else "", found.events)

    def _calibrate(self, chosen: list[Made], repeat: int) -> None:
        assert self._calibration is not None
        reasons = self._calibration.run([made.path for made in chosen], repeat)
        for made in chosen:
            made.why = reasons[made.path]

    def _check(self, checker: Checker) -> None:
        """Judges on Swift. What diverges is calibrated again and again first: a trace that Twisted seldom contradicts
        proves nothing."""
        by_path = {made.path: made for made in self.made if not made.why}
        for verdict in checker.check(list(by_path)):
            by_path[verdict.path].verdicts.append(verdict)
        suspects = [made for made in by_path.values() if made.differs]
        if suspects and self._calibration is not None:
            self._calibrate(suspects, AGAIN)
        for made in suspects:
            if made.why:
                made.verdicts = []
            elif self._agrees_anew(made, checker):
                made.verdicts = [replace(verdict, state=UNSTEADY) if verdict.differs else verdict for verdict in made.verdicts]

    def _agrees_anew(self, made: Made, checker: Checker) -> bool:
        """Whether Swift agrees with another recording of the same program. A recording may catch a moment, such as a timer
        due right when the reactor stops, that a faster reactor does not have; what a fault shows, it shows again."""
        folder = self.folder / "again"
        folder.mkdir(exist_ok=True)
        for number in range(1, RECORDINGS + 1):
            name = f"{made.path.stem}-{number}"
            found = record(source(make(made.seed)), name, folder / f"{name}.yaml")
            if found.why or (self._calibration is not None and any(self._calibration.run([found.path]).values())):
                continue
            if not any(verdict.differs for verdict in checker.check([found.path])):
                return True
        return False

    def _put_aside(self) -> None:
        """A trace that does not calibrate stands in a folder of its own: nothing judges it by mistake."""
        for made in self.made:
            if made.why and made.path.exists():
                aside = self.folder / "uncalibrated" / made.path.name
                aside.parent.mkdir(exist_ok=True)
                made.path = made.path.replace(aside)

    def _list(self) -> None:
        lines = ["# The programs of this folder, and what became of each."]
        for made in self.made:
            state = made.why or "calibrated"
            lines.append(f'- {{seed: {made.seed}, events: {made.events}, state: "{state}"}}')
        (self.folder / "manifest.yaml").write_text("\n".join(lines) + "\n")

    # What came of all.

    def table(self) -> list[str]:
        """The figures in lines: generated, calibrated, causes of the rest, agreeing on Swift, divergences."""
        count = len(self.made)
        good = [made for made in self.made if not made.why]
        lines = [f"generated          {count}"]
        if self._calibration is not None:
            lines.append(f"calibrated         {len(good)}  ({100 * len(good) / max(count, 1):.1f} %)")
        causes = Counter(made.why for made in self.made if made.why)
        lines += [f"  not: {times:4}  {why}" for why, times in causes.most_common()]
        if self._checker is None:
            return lines
        for back_end in BACK_ENDS:
            states = Counter(verdict.state for made in good for verdict in made.verdicts if verdict.back_end == back_end)
            rest = "".join(f", {times} {state}" for state, times in sorted(states.items()) if state != "agrees")
            lines.append(f"Swift, {back_end:5}       {states['agrees']} of {len(good)} agree{rest}")
        unsteady = sorted({made.seed for made in good for verdict in made.verdicts if verdict.state == UNSTEADY})
        if unsteady:
            lines.append(f"  unsteady: another recording agrees: seeds {', '.join(map(str, unsteady))}")
        for made in good:
            for verdict in made.differs:
                lines.append(f"  diverges: {verdict.path.stem} [{verdict.back_end}] {verdict.rule or verdict.state}")
                lines.append(f"    {self._checker.command(verdict)}")
        return lines

    @property
    def diverges(self) -> bool:
        """Whether any program diverges on Swift."""
        return any(made.differs for made in self.made if not made.why)
