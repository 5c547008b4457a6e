"""Builds the reactor with all planted faults, each behind a switch, and has the corpus judge it with each switched on.

Exit status: 0 every fault is noticed where it was said to be, and the build without a fault agrees; 1 one is not.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build" / "planted"
REACTOR = Path("Modules/Reactor/Sources/Reactor")
WORKER = Path("Modules/Conformance/Sources/Conformance/Replay/Worker/WorkerProcess.swift")
VARIABLE = "SKEIN_PLANTED_FAULT"
SWITCH = f"""\
import Glibc

private let switchedOn = unsafe getenv("{VARIABLE}").map {{ unsafe String(cString: $0) }}

/// Whether a planted fault is switched on.
func planted(_ name: String) -> Bool {{ name == switchedOn }}
"""


def copied() -> dict[Path, str]:
    """Every source that the tool is built from, by its place."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "Package.swift", "Modules", "Tools/trace-replay", "Tests"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    wanted = (Path(name) for name in listed)
    return {
        path: (ROOT / path).read_text()
        for path in wanted
        if (ROOT / path).is_file() and (path.parts[0] != "Tests" or path.suffix == ".swift")
    }


def plant(sources: dict[Path, str], faults: list[dict]) -> None:
    """Makes the faults' edits, and has the workers see which is switched on."""
    sources[REACTOR / "Core/PlantedFaults.swift"] = SWITCH
    replace(sources, WORKER, '"TMPDIR",', f'"TMPDIR", "{VARIABLE}",')
    for fault in faults:
        for edit in fault["edits"]:
            replace(sources, REACTOR / edit["file"], edit["find"], edit["replace"])


def replace(sources: dict[Path, str], path: Path, old: str, new: str) -> None:
    """Replaces text that has to be there exactly once."""
    count = sources[path].count(old)
    if count != 1:
        sys.exit(f"{path}: expected this text once, found it {count} times:\n{old}")
    sources[path] = sources[path].replace(old, new)


def build(sources: dict[Path, str]) -> Path:
    """Writes what has changed and builds the tool."""
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
        sys.exit(f"the reactor with the faults does not build:\n{done.stdout}{done.stderr}")
    folder = subprocess.run([*command, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return Path(folder) / "trace-replay"


def check(tool: Path, fault: str | None, back_end: str) -> list[dict]:
    """What becomes of each trace."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if fault is not None:
        environment[VARIABLE] = fault
    command = [str(tool), "check", str(ROOT / "Traces"), "--reactor", back_end, "--timeout", "2", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{fault}: trace-replay exits with {done.returncode}\n{done.stdout}{done.stderr}")
    return [line for line in map(json.loads, done.stdout.splitlines()) if "verdict" in line]


def notice(result: dict) -> str:
    """How a trace noticed: at which recorded event, and which rule was broken."""
    divergence = result.get("divergence") or {}
    event = divergence.get("event")
    what = divergence.get("kind") or result["verdict"]
    edge = divergence.get("edge")
    return f"{f'event {event}, ' if event else ''}{what}{f' ({edge})' if edge else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="a fault to judge; all of them by default")
    parser.add_argument("--reactor", default="epoll", choices=["epoll", "poll"])
    options = parser.parse_args()
    faults = yaml.safe_load((HERE / "faults.yaml").read_text())
    chosen = [fault for fault in faults if not options.name or fault["name"] in options.name]
    if len(chosen) < len(options.name):
        parser.error(f"no such fault; there are: {', '.join(fault['name'] for fault in faults)}")

    sources = copied()
    plant(sources, faults)
    tool = build(sources)
    wrong = [result for result in check(tool, None, options.reactor) if result["verdict"] != "agrees"]
    if wrong:
        sys.exit(f"without a fault {wrong[0]['case']} does not agree: {notice(wrong[0])}")

    missed = 0
    # Much of the time is spent waiting for what a fault keeps from happening.
    with ThreadPoolExecutor(4) as several:
        judged = list(several.map(lambda fault: check(tool, fault["name"], options.reactor), chosen))
    for fault, results in zip(chosen, judged):
        noticed = {result["case"]: notice(result) for result in results if result["verdict"] != "agrees"}
        expected = fault["noticed"]["case"]
        seen = noticed.get(expected)
        is_good = seen is not None and fault["noticed"]["by"] in seen
        missed += not is_good
        told = seen or f"NOT noticed by it, but by {', '.join(list(noticed)[:3]) or 'nobody'}"
        print(f"{'ok  ' if is_good else 'FAIL'} {len(noticed):3} of {len(results)}  {fault['name']}: {expected}, {told}")
    print(f"{len(chosen) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
