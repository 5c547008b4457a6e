"""Generated programs: the same from the same seed, alone or cut down; and Twisted agrees with what is recorded of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from skeintrace.generate.make import make
from skeintrace.generate.model import Act, Program, Service, Side, Client, Turn, sent, within
from skeintrace.generate.recording import record
from skeintrace.generate.render import ends, source, thresholds
from skeintrace.generate.shrink import parts_taken_out, shrink, size
from skeintrace.generate.verbs import VERBS
from skeintrace.judge import report

from replay.recorded import replay


@pytest.mark.parametrize("seed", range(1, 60))
def test_a_seed_makes_the_same_program_again_and_it_is_python(seed: int) -> None:
    text = source(make(seed))
    assert text == source(make(seed))
    names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    assert "main" in names


def test_the_program_of_a_seed_is_the_same_on_every_machine() -> None:
    service = make(1).services[0]
    assert (service.interface, len(service.clients), len(service.client.turns)) == ("127.0.0.1", 1, 1)


def test_every_verb_is_used_by_some_seed() -> None:
    used = set()
    for seed in range(1, 400):
        program = make(seed)
        scripts = [program.before, program.running]
        for service in program.services:
            for side in (service.server, service.client):
                scripts += [turn.acts for turn in side.turns] + [side.read_lost, side.write_lost, side.lost]
        used |= {act.verb for script in scripts for act in within(script)}
    assert used == set(VERBS)


def test_a_side_s_turn_begins_when_it_has_all_that_the_other_one_sends() -> None:
    client = Side((Turn((Act("write", 5),)), Turn((Act("sequence", 1, 2),))))
    server = Side((Turn((Act("later", 1, then=(Act("write", 7),)),)), Turn((Act("lose"),))))
    assert thresholds(Service(server, client, (Client(),))) == ([5, 8], [0, 7])


def test_a_program_waits_for_each_end() -> None:
    service = Service(Side(), Side(), (Client(again=1), Client()))
    assert ends(Program(1, (service,))) == 6
    assert sent((Act("pull", 10, 3), Act("write", 1))) == 31


def test_twisted_agrees_with_the_recordings_of_programs(tmp_path: Path) -> None:
    from skeintrace.format import read

    disagrees = []
    for seed in range(1, 16):
        path = tmp_path / "program.yaml"
        found = record(source(make(seed)), "program", path)
        assert found.why == "" and found.events > 0
        trace = read(path)
        rows = [trace.header, *trace.events, {"eof": trace.eof}]
        for reactor in ("epoll", "poll"):
            verdict, expected = replay(rows, reactor)
            if not verdict.agrees:
                disagrees.append(f"seed {seed}, {reactor}: {report(verdict, expected)}")
    # Some programs race with themselves: they do not calibrate, and count for nothing.
    assert len(disagrees) <= 3, "\n".join(disagrees)


@pytest.mark.parametrize(("text", "why"), [
    ("def main(reactor):\n    raise OSError('no')\n", "OSError: no"),
    ("def main(reactor):\n    while True:\n        pass\n", "not over after"),
])  # fmt: skip
def test_a_program_that_fails_or_does_not_end_is_not_recorded(text: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skeintrace.generate.recording.DEADLINE", 0.2)
    found = record(text, "program", tmp_path / "program.yaml")
    assert found.why.startswith(why)
    assert not (tmp_path / "program.yaml").exists()


def test_cutting_down_leaves_only_what_shows_it() -> None:
    def shows(program: Program) -> bool:
        return "abortConnection" in source(program)

    seed = next(seed for seed in range(1, 200) if shows(make(seed)))
    small = shrink(make(seed), shows)
    assert shows(small)
    assert size(small) <= 3
    assert not any(shows(smaller) for smaller in parts_taken_out(small))


def test_every_program_that_is_cut_down_is_python() -> None:
    for smaller in parts_taken_out(make(5)):
        ast.parse(source(smaller))
