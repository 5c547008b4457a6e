"""The command line as its user sees it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import GOOD, ROOT, bad_files

from skeintrace.cli import main

ECHO = next(path for path in GOOD if path.stem == "echo")


def test_validate_says_how_many_events_a_good_file_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(ECHO)]) == 0
    assert capsys.readouterr().out == f"{ECHO}: 20 events\n"


def test_validate_exits_with_3_and_one_line_for_each_bad_file(capsys: pytest.CaptureFixture[str]) -> None:
    bad = [path for path, _, _, _, limits in bad_files() if not limits]
    assert main(["validate", "--quiet", *map(str, bad)]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [str(path) for path in bad]


def test_validate_takes_folders_and_refuses_an_empty_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(ECHO.parent)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(GOOD)
    assert main(["validate", str(tmp_path)]) == 2
    assert main(["validate", str(tmp_path / "nothing.yaml")]) == 3


def test_fmt_makes_a_hand_edited_file_canonical(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "echo.yaml"
    edited = ECHO.read_text().replace("{n: 2, in: 1, at: 20,", "{ n: 2,  at: 20, in: 1,").replace('"EchoClient"', "'EchoClient'")
    edited = edited.replace("--- {n: 3,", "# a remark\n\n--- {n: 3,").replace("features: [reactor]", "features:\n- reactor")
    edited = edited.replace(
        "--- {n: 13, in: 11, at: 150, call: transport-2.loseWriteConnection}\n",
        "--- {n: 13, in: 11, at: 150, call: transport-2.loseWriteConnection}\n--- {end: 13, at: 151}\n",
    )
    path.write_text(edited)
    assert main(["validate", str(path)]) == 3
    assert main(["fmt", "--check", str(path)]) == 1
    assert path.read_text() == edited
    assert main(["fmt", str(path)]) == 0
    assert path.read_text() == ECHO.read_text()
    assert main(["fmt", "--check", str(path)]) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["echo.yaml"]


def test_fmt_leaves_a_broken_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "cut.yaml"
    path.write_bytes(ECHO.read_bytes()[:1500])
    before = path.read_bytes()
    assert main(["fmt", str(path)]) == 3
    assert path.read_bytes() == before


def test_show_prints_the_tree_indented(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(ECHO)]) == 0
    out = capsys.readouterr().out
    assert "     7  > reactor-1.run()\n" in out
    assert "    14    [2 io] < protocol-1.dataReceived(data=" in out
    assert '"GET / HTTP/1.1\\r\\n\\r\\n" 18 B' in out
    assert out.isascii()


def test_what_a_trace_says_cannot_move_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(ECHO.read_text().replace('"Echo"', '"\\x1b[2J\\x07\\u202e"'))
    assert main(["show", str(path)]) == 0
    assert all(character == "\n" or character.isprintable() for character in capsys.readouterr().out)


def test_the_module_runs_as_a_program(tmp_path: Path) -> None:
    shutil.copy(ECHO, tmp_path)
    command = [sys.executable, "-m", "skeintrace", "validate", "echo.yaml"]
    source = str(ROOT / "Tools" / "skeintrace" / "src")
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": source}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "echo.yaml: 20 events\n", "")


def test_bad_usage_exits_with_2() -> None:
    for arguments in ([], ["nothing"], ["validate"], ["vocabulary"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
