"""The commands `generate` and `shrink`, as their users see them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "skeintrace", *words], capture_output=True, text=True, check=False)


def test_programs_traces_and_a_list_are_written(tmp_path: Path) -> None:
    done = run("generate", "--seed", "3", "--count", "2", "-o", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split() == ["generated", "2"]
    assert {"seed-3.py", "seed-4.py", "manifest.yaml"} <= {path.name for path in tmp_path.iterdir()}
    assert len(list(tmp_path.rglob("seed-*.yaml"))) == 2
    assert "- {seed: 3, events: " in (tmp_path / "manifest.yaml").read_text()


@pytest.mark.parametrize(("words", "status", "why"), [
    (["--seed", "x"], 2, "expected a number, found 'x'"),
    (["--seed", "-1"], 2, "expected 0 to"),
    (["--seed", "1", "--count", "0"], 2, "expected 1 to 1000000, found 0"),
    (["--seed", "1", "--reactor", "kqueue"], 2, "found 'kqueue'"),
    (["--seed", "1", "--no-calibrate", "--check", "x"], 2, "leave --no-calibrate out"),
    (["--seed", "1", "--check", "/nowhere/trace-replay"], 4, "/nowhere/trace-replay: No such file"),
])  # fmt: skip
def test_what_cannot_be_done_is_said(words: list[str], status: int, why: str, tmp_path: Path) -> None:
    done = run("generate", "-o", str(tmp_path), *words)
    assert (done.returncode, why in done.stderr) == (status, True), done.stderr


def checker(folder: Path, verdict: str) -> str:
    """A stand-in for trace-replay that gives each trace one verdict."""
    path = folder / "checker"
    row = '{"file": path, "reactor": name, "verdict": VERDICT, "divergence": {"kind": "order"}}'.replace("VERDICT", repr(verdict))
    path.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "for path in [word for word in sys.argv[2:] if word.endswith('.yaml')]:\n"
        f"    for name in ('epoll', 'poll'):\n        print(json.dumps({row}))\n"
    )
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("verdict", "status", "line"), [
    ("agrees", 0, "Swift, epoll       1 of 1 agree"),
    ("diverged", 1, "Swift, poll        0 of 1 agree, 1 diverged"),
    ("crashed", 1, "Swift, poll        0 of 1 agree, 1 crashed"),
])  # fmt: skip
def test_the_table_says_what_swift_made_of_them(verdict: str, status: int, line: str, tmp_path: Path) -> None:
    done = run("generate", "--seed", "4", "-o", str(tmp_path / "out"), "--check", checker(tmp_path, verdict))
    assert done.returncode == status
    assert line in done.stdout
    assert ("check " + str(tmp_path / "out" / "seed-4.yaml") in done.stdout) == bool(status)


def test_what_another_recording_does_not_confirm_is_unsteady_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "checker"
    path.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        "for path in [word for word in sys.argv[2:] if word.endswith('.yaml')]:\n"
        "    for name in ('epoll', 'poll'):\n"
        "        verdict = 'agrees' if name == 'poll' or path.endswith('-2.yaml') else 'diverged'\n"
        "        print(json.dumps({'file': path, 'reactor': name, 'verdict': verdict}))\n"
    )
    path.chmod(0o755)
    done = run("generate", "--seed", "4", "-o", str(tmp_path / "out"), "--check", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Swift, epoll       0 of 1 agree, 1 unsteady" in done.stdout
    assert "Swift, poll        1 of 1 agree" in done.stdout
    assert "unsteady: another recording agrees: seeds 4" in done.stdout


def test_a_program_that_diverges_is_cut_down_and_one_that_agrees_is_not(tmp_path: Path) -> None:
    done = run("shrink", "--seed", "4", "-o", str(tmp_path), "--check", checker(tmp_path, "agrees"))
    assert (done.returncode, done.stderr.strip()) == (1, "skeintrace shrink: the program agrees on Swift")
    done = run("shrink", "--seed", "4", "-o", str(tmp_path), "--check", checker(tmp_path, "diverged"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "seed-4-small.py").exists() and (tmp_path / "seed-4-small.yaml").exists()
