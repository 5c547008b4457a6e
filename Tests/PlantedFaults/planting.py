"""Builds trace-replay from a copy of the sources with all planted faults in it, each behind a switch."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build" / "planted"
LISTS = {
    "faults.yaml": Path("Modules/Reactor/Sources/Reactor"),
    "pair.yaml": Path("Modules/Pair/Sources/Pair"),
}
"""Each list of faults with the module that they are planted in."""
WORKER = Path("Modules/Conformance/Sources/Conformance/Replay/Worker/WorkerProcess.swift")
VARIABLE = "SKEIN_PLANTED_FAULT"
"""Says in the environment which fault is switched on: `Pair/fd not closed`."""


def switch(module: str) -> str:
    """The source that tells a module which of its faults is switched on."""
    return f"""\
import Glibc

private let switchedOn = unsafe getenv("{VARIABLE}").flatMap {{ (value) -> String? in
  let words = unsafe String(cString: value)
  return words.hasPrefix("{module}/") ? String(words.dropFirst({len(module) + 1})) : nil
}}

/// Whether a planted fault is switched on.
func planted(_ name: String) -> Bool {{ name == switchedOn }}
"""


def copied() -> dict[Path, str]:
    """Every source that the tool is built from, by its place."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "Package.swift", "Modules", "Tools/trace-replay", "Tools/tunnel-echo", "Tools/soak-reactor", "Tests"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    wanted = (Path(name) for name in listed)
    return {
        path: (ROOT / path).read_text()
        for path in wanted
        if (ROOT / path).is_file() and (path.parts[0] != "Tests" or path.suffix == ".swift")
    }


def listed(name: str) -> list[dict]:
    """The faults of a list."""
    return yaml.safe_load((HERE / name).read_text())


def plant(sources: dict[Path, str]) -> None:
    """Makes the edits of all lists, and has the workers see which fault is switched on; stops with all that match no more."""
    wrong = [*replace(sources, WORKER, '"TMPDIR",', f'"TMPDIR", "{VARIABLE}",')]
    for name, module in LISTS.items():
        sources[module / "PlantedFaults.swift"] = switch(module.name)
        for fault in listed(name):
            for edit in fault.get("edits", ()):
                wrong += replace(sources, module / edit["file"], edit["find"], edit["replace"])
    if wrong:
        sys.exit("\n".join(wrong))


def replace(sources: dict[Path, str], path: Path, old: str, new: str) -> Iterator[str]:
    """Replaces text that has to be there exactly once; says so where it is not."""
    count = sources.get(path, "").count(old)
    if count == 1:
        sources[path] = sources[path].replace(old, new)
    else:
        yield f"{path}: expected this text once, found it {count} times:\n{old}"


def build() -> Path:
    """Writes what has changed and builds the tool."""
    sources = copied()
    plant(sources)
    tree = BUILD / "tree"
    for path in [p for p in tree.rglob("*") if p.is_file() and ".build" not in p.relative_to(tree).parts]:
        if path.relative_to(tree) not in sources:
            path.unlink()
    for path, text in sources.items():
        target = tree / path
        if not target.exists() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    command = ["swift", "build", "--package-path", str(tree), "--product", "trace-replay"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"the copy with the faults does not build:\n{done.stdout}{done.stderr}")
    folder = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / "trace-replay"


def results(tool: Path, fault: str | None, arguments: list[str]) -> list[dict]:
    """What becomes of each trace with a fault switched on, such as `Pair/fd not closed`, or with none: check's lines, without its summary."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if fault is not None:
        environment[VARIABLE] = fault
    done = subprocess.run([str(tool), "check", *arguments, "--json"], env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{fault}: trace-replay exits with {done.returncode}\n{done.stdout}{done.stderr}")
    return [line for line in map(json.loads, done.stdout.splitlines()) if "verdict" in line]


if __name__ == "__main__":
    plant(copied())
    print("every fault can be planted")
