"""The strict scanner and the YAML parser agree, on what the writer writes and on what it never would."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import yaml

from skeintrace.format import FormatError
from skeintrace.format.budget import Budget
from skeintrace.format.emit import emit_event
from skeintrace.format.limits import DEFAULT, Limits
from skeintrace.format.loose import LooseReader
from skeintrace.format.run import expanded as expanded_run
from skeintrace.format.scan import NotCanonical, Scanner
from skeintrace.format.text import number, preview, quoted, unquoted

TRAPS = [
    "", "yes", "No", "ON", "null", "~", "=", "<<", "017", "0x1f", "1:30", "52:54:00:12:34:56", "2001-12-14", "1e5", "- a", "? b",
    "a: b", "# c", "'", '"', "\\", "{", "}", "[", "]", ",", "!", "&", "*", "%", "@", "`", "|", ">", " ", "\n", "\t", "\0", "\x85",
    "\u2028", "\ufeff", "\ud7ff", "\ue000", "\U0010ffff", "é", "--- ", "...",
]  # fmt: skip


def random_value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(9 if depth < 6 else 6)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.choice([0, -1, 2**63 - 1, -(2**63), chance.randrange(-(10**6), 10**6)])
    if kind == 2:
        bits = chance.randrange(2**64).to_bytes(8, "little")
        value = __import__("struct").unpack("<d", bits)[0]
        return chance.choice([0.0, -0.0, math.inf, -math.inf, 1e-07, 1e16, 0.1, value if value == value else 1.5])
    if kind in (3, 4):
        return "".join(chance.choice(TRAPS) for _ in range(chance.randrange(4)))
    if kind == 5:
        return chance.choice([chance.randbytes(chance.randrange(40)), b"z" * chance.randrange(250, 300), (b"ab" * 300)[: chance.randrange(250, 300)]])
    if kind == 6:
        return [random_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {"map": [[random_value(chance, 8), random_value(chance, depth + 2)] for _ in range(chance.randrange(3))]}


def line(value: Any) -> str:
    return emit_event({"n": 1, "call": "reactor-1.callWhenRunning", "args": {"args": [value]}})


def scanned(text: str) -> Any:
    return Scanner(Budget(DEFAULT)).line(text, 4)


def parsed(text: str) -> Any:
    return LooseReader(text, 1, Budget(DEFAULT)).document()


@pytest.mark.parametrize("seed", range(20))
def test_both_read_what_the_writer_writes(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        value = random_value(chance)
        text = line(value)
        assert text.isascii() and text.isprintable()
        event = {"n": 1, "call": "reactor-1.callWhenRunning", "args": {"args": [value]}}
        assert repr_of(scanned(text)) == repr_of(event)
        assert repr_of(parsed(text)) == repr_of(event)


@pytest.mark.parametrize("seed", range(20))
def test_what_the_scanner_takes_the_parser_reads_alike(seed: int) -> None:
    chance = random.Random(seed)
    pieces = ["{", "}", "[", "]", '"', "'", ", ", ": ", ",", ":", " ", "#", "&a ", "*a", "!!binary ", "<<", "1", "-", ".", "e+05", "\\", "x", "no"]
    taken = 0
    for _ in range(300):
        text = line(random_value(chance))
        for _ in range(chance.choice([0, 1, 1, 2])):
            place = chance.randrange(4, len(text) + 1)
            text = text[:place] + chance.choice(pieces) + text[place + chance.randrange(2) :]
        try:
            value = scanned(text)
        except NotCanonical:
            continue
        taken += 1
        assert repr_of(parsed(text)) == repr_of(value)
        assert repr_of(loaded(text)) == repr_of(value)
    assert taken > 30


def loaded(text: str) -> Any:
    return expanded(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def expanded(value: Any) -> Any:
    if isinstance(value, dict):
        if list(value) == ["repeat"] and isinstance(value["repeat"], list):
            return expanded_run(*value["repeat"])
        return {key: expanded(element) for key, element in value.items()}
    return [expanded(element) for element in value] if isinstance(value, list) else value


def repr_of(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!s}:{repr_of(element)}" for key, element in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(repr_of(element) for element in value) + "]"
    return repr(str(value)) if isinstance(value, str) else repr(value)


@pytest.mark.parametrize(
    "value,text",
    [(0.0, "0.0"), (-0.0, "-0.0"), (1e-07, "1.0e-07"), (1.5e-10, "1.5e-10"), (1e16, "1.0e+16"), (1e15, "1000000000000000.0"),
     (0.0001, "0.0001"), (0.00001, "1.0e-05"), (2.0**128, "3.402823669209385e+38"), (5e-324, "5.0e-324"), (math.inf, ".inf")],
)  # fmt: skip
def test_doubles_have_one_form(value: float, text: str) -> None:
    assert number(value) == text
    assert yaml.safe_load(text) == value


def test_a_preview_shows_at_most_sixty_characters() -> None:
    assert preview(b"hi") == '  # "hi" 2 B'
    assert preview(b"") == '  # "" 0 B'
    assert preview(b"a" * 60) == f'  # "{"a" * 60}" 60 B'
    assert preview(b"a" * 61) == f'  # "{"a" * 60}"... 61 B'
    assert preview(b"a" * 59 + b"\n") == f'  # "{"a" * 59}"... 60 B'
    assert preview(b'\0"\\\r\xff') == '  # "\\x00\\"\\\\\\r\\xff" 5 B'


def test_text_survives_quoting() -> None:
    for code in list(range(0x300)) + [0x2028, 0xFEFF, 0xD7FF, 0xE000, 0x1F600, 0x10FFFF]:
        text = quoted(chr(code))
        assert text.isascii() and unquoted(text[1:-1]) == chr(code)
        assert yaml.safe_load(text) == chr(code)
    with pytest.raises(ValueError):
        quoted("\ud800")


def test_a_value_without_a_form_is_refused_by_its_place() -> None:
    for value in (2**63, object(), {1, 2}, "\ud800"):
        with pytest.raises(FormatError) as caught:
            line([value])
        assert caught.value.code == "type" and caught.value.field == "args.args[0][0]"


def test_a_run_counts_at_its_full_length_before_it_is_expanded() -> None:
    text = '--- {n: 1, note: {repeat: [!!binary "eA==", 1000]}}'
    assert parsed(text)["note"] == b"x" * 1000
    small = Budget(Limits(value=999))
    with pytest.raises(FormatError) as caught:
        LooseReader(text, 1, small).document()
    assert caught.value.code == "value-too-long" and small.spent == 1
