"""Puts the same files through both readers of the format, Python's and Swift's, and requires the same of both: the same verdict
(the same broken rule, at the same line and field) and, where both read a file, the same value: the same bytes in the canonical
form.

    readers.py [--examples N] [--seed N] [--program TRACE-REPLAY]      batches of altered traces, made by hypothesis
    readers.py [--program TRACE-REPLAY] FILE_OR_FOLDER...              these files
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Iterable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from skeintrace.format import FormatError, Reader, validate
from skeintrace.format.emit import emit_event, emit_header
from skeintrace.format.fold import fmt_file
from skeintrace.format.shape import shape
from skeintrace.format.text import Word
from skeintrace.format.vocabulary import members

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "Tests/ConformanceTests/Fixtures/format"
LARGEST = 4096
"""The largest file that is altered, in bytes."""
TOGETHER = 64
"""The most files that one batch has."""

Verdict = tuple[Any, ...]


def of_python(path: Path) -> tuple[Verdict, bytes | None]:
    """What Python's reader says of a file, and its canonical form, None where there is none."""
    try:
        verdict: Verdict = ("valid", validate(path))
    except FormatError as error:
        verdict = (error.code, error.line, error.field)
    out = io.BytesIO()
    try:
        with open(path, "rb") as file:
            fmt_file(Reader(file, str(path)), out)
    except FormatError:
        return verdict, None
    return verdict, out.getvalue()


class Readers:
    """Both readers side by side."""

    def __init__(self, program: str) -> None:
        self._program = program
        self.files = 0
        self.verdicts: Counter[str] = Counter()

    def _swift(self, *arguments: str) -> list[dict[str, Any]]:
        run = subprocess.run([self._program, *arguments], capture_output=True, text=True, timeout=300)
        if run.returncode not in (0, 3):
            raise SystemExit(f"trace-replay {arguments[0]} ended with {run.returncode}: {run.stderr[-2000:]}")
        return [json.loads(line) for line in run.stdout.splitlines()]

    def of_swift(self, files: list[Path]) -> dict[str, Verdict]:
        """What Swift's reader says of files, by their names."""
        found: dict[str, Verdict] = {}
        # Each by its name: in a folder only what begins like a trace counts.
        for line in self._swift("validate", "--json", *map(str, files)):
            if "file" not in line:
                continue
            name = Path(line["file"]).name
            good = line["valid"]
            found[name] = ("valid", line["events"]) if good else (line["code"], line["line"], line["field"])
        return found

    def differences(self, contents: Iterable[bytes]) -> list[str]:
        """Where the readers differ about these files, a line each."""
        differences: list[str] = []
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "traces"
            folder.mkdir()
            for number, content in enumerate(contents):
                (folder / f"{number:06}.yaml").write_bytes(content)
            files = sorted(folder.iterdir())
            if not files:
                return []
            swift = self.of_swift(files)
            python = {path.name: of_python(path) for path in files}
            rewritten = Path(place) / "rewritten"
            shutil.copytree(folder, rewritten)
            lines = self._swift("fmt", "--json", *map(str, sorted(rewritten.iterdir())))
            failed = {Path(line["file"]).name for line in lines if "code" in line}
            for path in files:
                verdict, canonical = python[path.name]
                self.files += 1
                self.verdicts[str(verdict[0])] += 1
                if verdict != swift.get(path.name):
                    differences.append(f"Python {verdict}, Swift {swift.get(path.name)}: {path.read_bytes()!r}")
                elif (canonical is None) != (path.name in failed):
                    differences.append(f"only one has a canonical form: {path.read_bytes()!r}")
                elif canonical is not None and canonical != (other := (rewritten / path.name).read_bytes()):
                    differences.append(f"Python {canonical!r}, Swift {other!r}: {path.read_bytes()!r}")
        return differences


# Altered traces

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z0-9_.-]*|-?[0-9][0-9.e+-]*|\n|.', re.DOTALL)


def _words() -> list[bytes]:
    """What stands in an altered trace where something else stood."""
    table = shape()
    words = set(table.event) | set(table.header) | set(table.forms) | set(table.table["phases"]) | table.features
    words |= {key for fields in (*table.forms.values(), *table.records.values()) for key in fields}
    words |= {f"{kind}-1.{name}" for kind, _, name in members()}
    odd = [
        '"e\\u0301"', '"\\xe9"', '"x-\\u0301"', '"\\ud800"', '"\\U00110000"', '"\\x00"', '"\\x1b[0m"', '"\\u2028"', "''", "'it''s'", "~",
        "Yes", "null", "true", "0", "-0", "-1", "00", "1.0", "1.0e+400", "1.0e-400", ".inf", "-.inf", ".nan", "1_000", "0x1F", "0.1",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "123456789012345678901", "1e5", "[]", "{}", "[[]]",
        '{repeat: [!!binary "eA==", 300]}', '{repeat: [!!binary "eA==", 99999999999]}', '{repeat: [1, 2]}', "{repeat: 1}", '!!binary "eA=="',
        '!!binary "eB=="', '!!binary ""', "!!str", "&a", "*a", "<<", "---", "...", "%YAML 1.1", "#", " # x", "? ", "- ", "|", ">", "{", "}", "[", "]", ",",
        ", ", ": ", ":", '"', "'", "\\", " ", "\t", "\r", "\n", "\n\n", "\x00", "\xff", "x-y", "{x-y: 1}", "{ref: reactor-1}", "{new: function-9}",
        "--- {n: 1, note: x}\n", "--- {eof: {events: 0, open: 0, lost: 0}}\n", "unknown", '{error: lost}', '{error: "lost"}', "{a: 1, a: 2}",
        "reactor-1", "peer-1", "t-1", "connection-0", "a-01", "E1", '{"\\u00e9": 1, "e\\u0301": 2}', "{provides: x}", "{released: reactor-1}",
    ]  # fmt: skip
    return [word.encode("latin-1") for word in (*sorted(words), *odd)]


WORDS = _words()


def bases() -> list[bytes]:
    """The traces that are altered: the shared good and bad files, and the small ones of the corpus."""
    paths = sorted(FIXTURES.rglob("*.yaml")) + sorted((ROOT / "Traces").rglob("*.yaml"))
    return [path.read_bytes() for path in paths if path.stat().st_size <= LARGEST]


BASES = bases()


@st.composite
def respelled(draw: st.DrawFn) -> bytes:
    """A trace with a few of its tokens or lines replaced."""
    content = draw(st.sampled_from(BASES))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            tokens = _TOKEN.findall(content) or [b""]
            place = draw(st.integers(0, len(tokens) - 1))
            word = draw(st.sampled_from(WORDS) | st.sampled_from(tokens))
            tokens[place : place + draw(st.integers(0, 2))] = [word]
            content = b"".join(tokens)
        else:
            lines = content.split(b"\n")
            place, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
            deed = draw(st.sampled_from(["drop", "double", "swap", "cut"]))
            if deed == "drop":
                del lines[place]
            elif deed == "double":
                lines.insert(other, lines[place])
            elif deed == "swap":
                lines[place], lines[other] = lines[other], lines[place]
            else:
                lines[place] = lines[place][: draw(st.integers(0, len(lines[place])))]
            content = b"\n".join(lines)
    return content


# Altered values

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**63 - 1, -(2**63), 0.0, -0.0, 1.5, 1e16, 1e-07, 1e300, 5e-324, math.inf, -math.inf, math.nan,
    "", "x", "no", "1", "reactor-1", "reactor-1.stop", "peer-1.send", "\x00", "\x1b[0m", "\u00e9", "e\u0301", "\u2028", "\ufeff", "\U0010ffff",
    "x" * 70, "ECONNREFUSED", "io", "shutdown", "unhandled", "a-\u00b2", "..", "a/b", Word("plain"), Word("reactor-1"), Word("reactor-1.stop"),
    b"", b"x", b"\xff\x00", b"ab" * 200, b"z" * 256, b"z" * 255, [], [[]], [1, "x"], [b"x"], {}, {"x-y": 1}, {"ref": "reactor-1"},
    {"ref": 1}, {"new": "function-9"}, {"new": "reactor-2"}, {"new": [1]}, {"method": []}, {"method": ["reactor-1"]}, {"method": ["reactor-1", "stop"]},
    {"x-y": {"method": 3}}, {"x-y": {"new": "a-1"}}, {"x-y": {"new": [1]}}, {"x-y": {"ref": {}}}, {"unknown": 1}, {"unknown": {"method": 3}},
    {"error": "lost"}, {"error": "nothing"}, {"error": "lost", "raised": 1}, {"error": "lost", "raised": True}, {"error": "lost", "raised": 99},
    {"x-y": {"error": 1, "raised": 99}}, {"ipv4": ["127.0.0.1", 1]}, {"ipv4": ["127.0.0.1"]}, {"ipv6": ["::1", 1, 2]}, {"set": [1]}, {"fd": "fd-9"},
    {"deferred": "deferred-9"}, {"deferred": 1}, {"repeat": 1}, {"repeat": [b"x", 300]}, {"repeat": [b"x", 0]}, {"repeat": ["x", 3]}, {"times": 3},
    {"what": "unhandled"}, {"what": "nothing"}, {"what": 1}, {"provides": "address"}, {"provides": "address", "object": "reactor-1"},
    {"provides": "x", "object": "reactor-1"}, {"released": "reactor-1"}, {"released": "function-1"}, {"opaque": "x"}, {"kwargs": {}},
    {"implements": ["push"], "new": "producer-9"}, {"implements": ["x"], "new": "producer-8"}, {"\u00e9": 1, "e\u0301": 2}, {"a" * 64: 1}, {"a" * 65: 1},
]  # fmt: skip

KEYS = sorted({*shape().event, *shape().header, *(key for fields in shape().forms.values() for key in fields)}) + [
    "x-y", "x-\u0301", "x", "kwargs", "\u00e9", "e\u0301", "no", "",
]  # fmt: skip


def parsed(content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The header and the events of a trace, None for what is none."""
    try:
        reader = Reader(io.BytesIO(content))
        return reader.header, [event for _, event in reader]
    except FormatError:
        return None


PARSED = [found for found in map(parsed, BASES) if found is not None]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place inside a value, as its container with a key or an index."""
    found: list[tuple[Any, Any]] = []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, element in inside:
        found.append((value, key))
        found += places(element)
    return found


@st.composite
def revalued(draw: st.DrawFn) -> bytes:
    """A trace with a few of its values replaced, or keys added, taken away or renamed, in the canonical form."""
    header, events = copy.deepcopy(draw(st.sampled_from(PARSED)))
    if draw(st.integers(0, 3)) == 0:
        header["features"] = ["reactor", "weather"]
    for _ in range(draw(st.integers(1, 3))):
        document = draw(st.sampled_from(events)) if events and draw(st.integers(0, 9)) else header
        container, key = draw(st.sampled_from([*places(document), (document, None)]))
        deed = draw(st.sampled_from(["replace", "replace", "remove", "add", "rename"]))
        if deed == "replace" and key is not None:
            container[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif deed == "remove" and key is not None:
            del container[key]
        elif deed == "rename" and key is not None and isinstance(container, dict):
            container[draw(st.sampled_from(KEYS))] = container.pop(key)
        elif isinstance(container, dict):
            container[draw(st.sampled_from(KEYS))] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        else:
            container.append(copy.deepcopy(draw(st.sampled_from(VALUES))))
    try:
        lines = [emit_header(header), *(emit_event(event) + "\n" for event in events)]
    except FormatError:
        return draw(respelled())
    return "".join(lines).encode()


def search(readers: Readers, examples: int, number: int) -> None:
    """Puts so many batches of altered traces through both; fails at the first in which they differ, and says about which files."""

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    @given(st.lists(respelled() | revalued(), min_size=TOGETHER // 2, max_size=TOGETHER))
    def batches(contents: list[bytes]) -> None:
        found = readers.differences(contents)
        assert not found, "\n".join(found)

    batches()


def files_at(paths: list[Path]) -> list[bytes]:
    """The contents of files and of all files in folders."""
    found = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    return [file.read_bytes() for file in found if file.is_file()]


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / ".build/debug/trace-replay"), help="the Swift side")
    parser.add_argument("--examples", type=int, default=20, help=f"how many batches of up to {TOGETHER} altered traces")
    parser.add_argument("--seed", type=int, default=1, help="which batches: the same for the same number")
    parser.add_argument("paths", nargs="*", type=Path, help="files and folders, in place of altered traces")
    options = parser.parse_args()
    readers = Readers(options.program)
    began = time.monotonic()
    if options.paths:
        contents = files_at(options.paths)
        found = [line for start in range(0, len(contents), 500) for line in readers.differences(contents[start : start + 500])]
    else:
        found = []
        try:
            search(readers, options.examples, options.seed)
        except AssertionError as error:
            found = str(error).splitlines()
    for line in found:
        print(line, file=sys.stderr)
    most = ", ".join(f"{verdict} {count}" for verdict, count in readers.verdicts.most_common(6))
    print(f"{readers.files} files, {len(readers.verdicts)} verdicts ({most}) in {time.monotonic() - began:.0f} s; "
          f"{len(found)} differences")  # fmt: skip
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
