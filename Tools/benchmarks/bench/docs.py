"""The figures in docs/benchmarks.md: between two marks each, written by `run` and `packets --markdown` and by nothing else."""

from __future__ import annotations

from pathlib import Path

from .build import ROOT
from .errors import CannotRun

PAGE = ROOT / "docs" / "benchmarks.md"


def with_figures(page: str, figures: str, mark: str = "figures") -> str:
    """The page with other figures between its marks."""
    first, last = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise CannotRun(f"{PAGE}: expected the lines {first!r} and {last!r}, in this order")
    return f"{before}{begin}\n\n{figures}\n\n{end}{after}"


def put_figures(figures: str, page: Path = PAGE, mark: str = "figures") -> None:
    """Put the figures of a run into the page."""
    page.write_text(with_figures(page.read_text(), figures, mark))
