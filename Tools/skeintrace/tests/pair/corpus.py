"""The committed traces of pair, and ways to run them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from skeintrace.pair.script import Script, load

ROOT = Path(__file__).resolve().parents[4]
(FOLDER,) = ROOT.glob("Traces/twisted-*/pair")
PATHS = [path for path in sorted(FOLDER.rglob("*.yaml")) if path.name != "manifest.yaml"]
SCENARIOS = ROOT / "Tools" / "skeintrace" / "scenarios"


def scripts() -> list[Script]:
    """All of them."""
    return [load(path) for path in PATHS]


def in_memory() -> list[Script]:
    """Those that need nothing of the machine."""
    return [script for script in scripts() if not script.is_real]


def name_of(path: Path | str) -> str:
    """A trace's place in the corpus."""
    return str(Path(path).relative_to(FOLDER))


def skeintrace(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs the command line: a namespace is entered by a process of its own."""
    return subprocess.run([sys.executable, "-m", "skeintrace", *words], capture_output=True, text=True, cwd=cwd)


def rows(*words: str) -> list[dict[str, Any]]:
    """What a command prints as JSON, a line a row."""
    return [json.loads(line) for line in skeintrace(*words).stdout.splitlines()]


def timeless(text: str) -> str:
    """A trace's text without its times, and without what recorded it where."""
    return re.sub(r"(?m)^(started|producer): .*\n", "", re.sub(r" at: \d+,?", "", text))
