"""Both implementations judge the same files alike: the good ones, the bad ones, the corpus."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from places import GOOD, TRACES, bad_files

from skeintrace.format import FormatError, Limits, Reader, Tree, Writer, iterate, read, validate
from skeintrace.format.fold import fmt_file
from skeintrace.format.run import expanded


def rewritten(path: Path) -> bytes:
    trace = read(path)
    out = io.BytesIO()
    writer = Writer(out, trace.header)
    for event in trace.events:
        writer.event(event)
    assert trace.eof is not None
    writer.close(trace.eof["open"], trace.eof["lost"], trace.eof.get("opaque"))
    return out.getvalue()


def test_there_are_good_and_bad_files() -> None:
    assert len(GOOD) >= 6
    assert len(bad_files()) >= 100


@pytest.mark.parametrize("path", GOOD + TRACES, ids=lambda path: path.stem)
def test_a_good_file_validates_and_is_written_back_byte_for_byte(path: Path) -> None:
    assert validate(path) == sum(1 for event in read(path).events if "end" not in event)
    assert rewritten(path) == path.read_bytes()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_fmt_leaves_a_canonical_file_as_it_is(path: Path) -> None:
    out = io.BytesIO()
    with open(path, "rb") as file:
        fmt_file(Reader(file), out)
    assert out.getvalue() == path.read_bytes()


def plain(value: object) -> object:
    """What plain YAML loading gives, with runs expanded and not-a-number made equal to itself."""
    if isinstance(value, dict):
        if list(value) == ["repeat"] and isinstance(value["repeat"], list):
            return expanded(*value["repeat"])
        return {key: plain(element) for key, element in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return repr(value) if isinstance(value, float) else str(value) if isinstance(value, str) else value


@pytest.mark.parametrize("path", GOOD + TRACES[:50], ids=lambda path: path.stem)
def test_the_reader_gives_what_plain_yaml_loading_gives(path: Path) -> None:
    with open(path, "rb") as file:
        loaded = list(yaml.safe_load_all(file))
    assert [plain(document) for document in iterate(path)] == [plain(document) for document in loaded]


def test_every_bad_file_is_listed() -> None:
    folder = bad_files()[0][0].parent
    assert {path.name for path in folder.glob("*.yaml")} == {path.name for path, *_ in bad_files()}


@pytest.mark.parametrize("path,line,field,code,limits", bad_files(), ids=lambda value: getattr(value, "stem", ""))
def test_a_bad_file_is_refused_in_one_line_that_names_its_place(
    path: Path, line: int, field: str, code: str, limits: dict[str, int]
) -> None:
    with pytest.raises(FormatError) as caught:
        validate(path, Limits(**limits))
    error = caught.value
    assert (error.line, error.field, error.code) == (line, field, code)
    text = str(error)
    assert "\n" not in text and text.isascii() and len(text) < 1000
    assert text.startswith(f"{path}:{line}:")


@pytest.mark.parametrize("cut", range(0, 2400, 13))
def test_a_file_cut_anywhere_gives_every_whole_event_before_the_cut(cut: int, tmp_path: Path) -> None:
    whole = GOOD[0].parent.joinpath("echo.yaml").read_bytes()
    path = tmp_path / "cut.yaml"
    path.write_bytes(whole[:cut])
    lines = whole[:cut].split(b"\n")[:-1]
    expected = sum(line.startswith(b"--- ") for line in lines)
    found = 0
    with pytest.raises(FormatError) as caught:
        for document in iterate(path):
            found += "format" not in document
    assert found == expected
    assert caught.value.code == ("truncated" if cut > 7 else "not-a-trace")
    if expected:
        assert len(read(path, allow_truncated=True).events) == expected


def test_a_deep_line_is_refused_before_a_parser_sees_it(tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    for bracket in ("[", "{a: ", "[{a: ", '"x", ['):
        path.write_text("format: skein-trace\nversion: 1\n--- {n: 1, note: " + bracket * 200_000)
        with pytest.raises(FormatError) as caught:
            list(iterate(path))
        assert caught.value.code in ("truncated", "too-deep")
        path.write_text("format: skein-trace\nversion: 1\n--- {n: 1, note: " + bracket * 200_000 + "\n")
        with pytest.raises(FormatError) as caught:
            list(iterate(path))
        assert caught.value.code in ("too-deep", "syntax")
        assert caught.value.line == 3


def test_a_line_of_any_length_is_read_no_further_than_the_limit() -> None:
    class Endless(io.RawIOBase):
        """A file whose second line never ends."""

        def __init__(self) -> None:
            self.head = b"format: skein-trace\nversion: 1\n--- {"
            self.given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            data = self.head[: len(buffer)] or b"x" * len(buffer)
            self.head = self.head[len(data) :]
            buffer[: len(data)] = data
            self.given += len(data)
            return len(data)

    endless = Endless()
    with pytest.raises(FormatError) as caught:
        list(Reader(io.BufferedReader(endless), limits=Limits(line=100_000)))
    assert caught.value.code == "line-too-long"
    assert endless.given < 200_000


def test_a_tree_holds_each_crossing_with_what_happened_inside_it() -> None:
    trace = read(next(path for path in GOOD if path.stem == "echo"))
    roots = trace.tree()
    assert [root.n for root in roots] == [1, 3, 4, 7]
    assert [child.n for child in roots[3].children] == [8, 9, 10, 11, 14, 16, 18, 20]
    assert [crossing.n for crossing in roots[3].walk()][:6] == [7, 8, 9, 10, 11, 12]
    listen = roots[0]
    assert (listen.name, listen.target, listen.method) == ("reactor-1.listenTCP", "reactor-1", "listenTCP")
    assert listen.gives == {"new": "port-1"} and listen.end_at == 30 and listen.end_line == 10
    assert roots[1].end_line is None and not roots[1].is_open
    lost = roots[3].children[6]
    assert lost.raises is not None and lost.raises["error"] == "application"
    assert not any(crossing.is_open for root in roots for crossing in root.walk())


def test_what_a_killed_program_left_open_is_open() -> None:
    tree = Tree()
    tree.add({"n": 1, "call": "reactor-1.run"}, 1)
    tree.add({"n": 2, "in": 1, "back": "function-1.call"}, 2)
    assert [crossing.is_open for crossing in tree.roots[0].walk()] == [True, True]
    assert tree.open() == (1, 2)
