"""A trace can come from a stranger: whatever its values are, a replay says how it differs, and comes to an end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from skeintrace.pair.parts import PARTS, part_of
from skeintrace.pair.replay import replay
from skeintrace.pair.script import Script, Step

from .corpus import in_memory

JUNK = (
    None, True, False, 0, -1, 2**63 - 1, "", "x", "\u20ac", b"", b"\xff" * 40, 1.5, [], [None], {"ref": "io-1"},
    {"ref": "tunnelport-1"}, {"ref": "nobody-7"}, {"flags": ["NOPE"]}, {"flags": []}, {"fd": "fd-9"}, {"constant": "SIGNOPE"},
    {"ifreq": {"name": b"x" * 99, "flags": ["IFF_TUN"]}}, {"ifreq": {"name": "text", "flags": ["NOPE"]}}, {"os": ["nope"]},
    {"udp": [None, None]}, {"udp": []}, {"error": "os-error", "errno": "ENOPE"}, {"error": "nope"}, {"error": "application"},
    {"new": "protocol-9", "implements": ["nope"], "class": ""}, {"new": "tunnel-9"}, {"new": "io-9", "is": {"system": "real"}},
)  # fmt: skip


def spoiled(value: Any, chance: random.Random) -> Any:
    """A value with something else at one place in it."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        return {**value, key: spoiled(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], spoiled(value[place], chance), *value[place + 1 :]]
    return chance.choice(JUNK)


def spoiled_script(script: Script, chance: random.Random) -> Script:
    steps = list(script.steps)
    place = chance.randrange(len(steps))
    step = steps[place]
    event, outcome = step.event, step.outcome
    if outcome and chance.random() < 0.4:
        outcome = spoiled(outcome, chance)
    else:
        args = event.get("args") or {"num": 0}
        name = chance.choice(list(args))
        event = {**event, "args": {**args, name: spoiled(args[name], chance)}}
    steps[place] = Step(step.n, step.inside, step.kind, event, outcome if isinstance(outcome, dict) else {})
    return Script(script.header, steps, script.path)


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("part", PARTS)
def test_a_spoiled_trace_is_judged_and_never_crashes(part: str) -> None:
    chance = random.Random(7)
    diverged = 0
    for whole in in_memory():
        script = part_of(whole, part)
        for _ in range(25 if script.steps else 0):
            diverged += replay(spoiled_script(script, chance)).divergence is not None
    assert diverged > 1000
