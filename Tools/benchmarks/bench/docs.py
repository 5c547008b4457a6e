"""The figures in docs/benchmarks.md: between two marks, written by `run --markdown` and by nothing else."""

from __future__ import annotations

from pathlib import Path

from .build import ROOT
from .errors import CannotRun

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def with_figures(page: str, figures: str) -> str:
    """The page with other figures between its marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise CannotRun(f"{PAGE}: expected the lines {BEGIN!r} and {END!r}, in this order")
    return f"{before}{begin}\n\n{figures}\n\n{end}{after}"


def put_figures(figures: str, page: Path = PAGE) -> None:
    """Put the figures of a run into the page."""
    page.write_text(with_figures(page.read_text(), figures))
