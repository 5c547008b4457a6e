"""Where the files are that both implementations are tested with."""

from __future__ import annotations

from pathlib import Path

from skeintrace.format.cli import LISTS

ROOT = Path(__file__).resolve().parents[4]
FIXTURES = ROOT / "Tests" / "ConformanceTests" / "Fixtures" / "format"
GOOD = sorted((FIXTURES / "good").glob("*.yaml"))
TRACES = [path for path in sorted((ROOT / "Traces").rglob("*.yaml")) if path.name not in LISTS]
DOCUMENT = ROOT / "docs" / "trace-format.md"
SCHEMA = ROOT / "docs" / "trace-format.schema.json"
SWIFT_TABLES = ROOT / "Modules" / "Conformance" / "Sources" / "Conformance" / "Format" / "VocabularyTables.swift"


def bad_files() -> list[tuple[Path, int, str, str, dict[str, int]]]:
    """Each bad file with the line, the field and the code of its error, and the limits to read it with."""
    rows = []
    for row in (FIXTURES / "bad" / "expected.tsv").read_text().splitlines():
        if row.startswith("#"):
            continue
        name, line, field, code, *limits = row.split("\t")
        pairs = (pair.split("=") for pair in (limits[0].split(",") if limits else []))
        rows.append((FIXTURES / "bad" / name, int(line), field, code, {key: int(value) for key, value in pairs}))
    return rows


def examples(language: str) -> list[str]:
    """The blocks of a language in the document."""
    blocks = []
    block: list[str] | None = None
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines(True):
        if block is None:
            if line.startswith(f"```{language}"):
                block = []
        elif line.startswith("```"):
            blocks.append("".join(block))
            block = None
        else:
            block.append(line)
    return blocks
