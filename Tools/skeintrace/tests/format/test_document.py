"""The document, its grammar, its schema and the vocabulary say the same as the code."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from abnf import Grammar
from places import GOOD, SCHEMA, SWIFT_TABLES, TRACES, bad_files, examples

from skeintrace.format import FormatError, Limits, iterate, members, validate
from skeintrace.format.budget import Budget
from skeintrace.format.limits import DEFAULT
from skeintrace.format.loose import LooseReader
from skeintrace.format.scan import NotCanonical, Scanner
from skeintrace.format.schema import as_json, schema_text
from skeintrace.format.swift import swift_tables
from skeintrace.format.validate import validate_file
from skeintrace.format.vocabulary import families, family_of

(GRAMMAR,) = (Grammar(text) for text in examples("abnf"))


def test_the_examples_of_the_document_validate() -> None:
    traces = examples("yaml")
    assert traces
    for text in traces:
        assert validate_file(io.BytesIO(text.encode())) > 0


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_grammar_matches_a_canonical_file(path: Path) -> None:
    assert GRAMMAR.matches("trace", path.read_text())


def test_the_grammar_takes_what_the_scanner_takes_and_little_else() -> None:
    chance = random.Random(11)
    lines = [line for path in GOOD for line in path.read_text().splitlines() if line.startswith("--- ")]
    pieces = ["{", "}", "[", "]", '"', "'", ", ", ": ", ",", ":", " ", "#", "!!binary ", "1", "-", ".", "e+05", "\\", "x", "no", "0", "="]
    # What prose says and ABNF cannot: reserved words, keys that repeat, ranges of numbers, dirty bits, surrogates, runs.
    prose = {"plain", "key", "duplicate-key", "number", "base64", "syntax", "run", "key-too-long", "too-deep"}
    both = 0
    for _ in range(6000):
        text = chance.choice(lines)
        if len(text) > 2000:
            continue
        for _ in range(chance.choice([0, 1, 1, 2])):
            place = chance.randrange(4, len(text) + 1)
            text = text[:place] + chance.choice(pieces) + text[place + chance.randrange(3) :]
        matches = GRAMMAR.matches("event", text)
        try:
            value = Scanner(Budget(DEFAULT)).line(text, 4)
        except NotCanonical:
            if matches:
                with pytest.raises(FormatError) as caught:
                    LooseReader(text, 1, Budget(DEFAULT)).document()
                assert caught.value.code in prose, text
            continue
        assert matches == isinstance(value, (dict, bytes)), text
        both += 1
    assert both > 1000


def test_the_committed_schema_is_that_of_the_vocabulary() -> None:
    assert SCHEMA.read_text() == schema_text()


def test_the_committed_swift_tables_are_those_of_the_vocabulary() -> None:
    assert SWIFT_TABLES.read_text() == swift_tables()


def judge() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


@pytest.mark.parametrize("path", [path for path in GOOD if path.stem != "features"] + TRACES[::10], ids=lambda path: path.stem)
def test_the_schema_takes_every_document_of_a_good_file(path: Path) -> None:
    schema = judge()
    for document in list(iterate(path))[:300]:
        assert schema.is_valid(as_json(document)), document


BY_ITSELF = {"type", "outcome", "missing-key", "unknown-key", "unknown-kind", "unknown-form"}
NEEDS_MORE = {"turn-missing.yaml", "phase-missing.yaml", "capture-elsewhere.yaml", "check-of-nothing.yaml"}
"""What the schema does not say: that a parent is the loop, what a file may be called, and of what a `check` has to be."""


@pytest.mark.parametrize(
    "path", [path for path, _, _, code, _ in bad_files() if code in BY_ITSELF and path.name not in NEEDS_MORE], ids=lambda path: path.stem
)
def test_the_schema_refuses_a_document_that_is_wrong_by_itself(path: Path) -> None:
    schema = judge()
    documents = list(iterate(path)) if path.name != "list-event.yaml" else [[1, 2]]
    assert not all(schema.is_valid(as_json(document)) for document in documents)


def test_a_member_of_a_twisted_interface_has_the_interface_s_arguments() -> None:
    interfaces = pytest.importorskip("twisted.internet.interfaces")
    checked = 0
    for member in members().values():
        interface, _, name = member.twisted.partition(".")
        described = getattr(interfaces, interface, None)
        if described is None or member.side in ("get", "set", "io", "peer", "fault"):
            continue
        assert name in described.names(all=True), member
        method = described[name]
        if not hasattr(method, "getSignatureInfo"):
            continue
        signature = method.getSignatureInfo()
        expected = list(signature["positional"])
        expected += ["args"] if signature["varargs"] else []
        expected += ["kwargs"] if signature["kwargs"] else []
        arguments = [argument for argument in member.arguments]
        if (interface, name) in BEYOND:
            expected += BEYOND[interface, name]
        assert arguments == expected, member
        checked += 1
    assert checked > 80


BEYOND = {
    ("IReactorCore", "run"): ["installSignalHandlers"],
    ("ITransport", "loseConnection"): ["reason"],
    ("ITLSTransport", "startTLS"): ["normal"],
}
"""Arguments that Twisted's implementations take and its interfaces leave out."""


def test_every_error_of_twisted_has_a_family() -> None:
    error = pytest.importorskip("twisted.internet.error")
    classes = [
        value
        for value in vars(error).values()
        if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == error.__name__
    ]
    assert len(classes) > 40
    for cls in classes:
        assert families()[family_of(cls) or ""] == f"{cls.__module__}.{cls.__qualname__}"
    assert family_of(BrokenPipeError) == "os-error"
    assert family_of(ZeroDivisionError) is None


def test_limits_can_be_set(tmp_path: Path) -> None:
    path = next(path for path in GOOD if path.stem == "echo")
    assert validate(path, Limits(events=100)) == 20
    with pytest.raises(FormatError):
        validate(path, Limits(depth=2))
