"""The set-up: libuv, the servers' builds, a Python with Twisted, and the versions of it all."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import CannotRun
from .servers import HERE, Programs, product
from .workloads import Workload

ROOT = HERE.parent.parent
"""The root of the repository."""


def output(*command: str) -> str | None:
    """What a command printed, or `None` if it is not there or failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def need_libuv() -> None:
    """Install libuv's headers if they are missing and this may."""
    if output("pkg-config", "--exists", "libuv") is not None or Path("/usr/include/uv.h").exists():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotRun("libuv's headers are missing: sudo apt-get install libuv1-dev")
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "libuv1-dev"]):
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            raise CannotRun(f"libuv's headers are missing, and this failed: {' '.join(command)}")


NIO = HERE / "nio"
"""The package of SwiftNIO's programs, by itself so that who measures without them need not fetch SwiftNIO."""


class Builder:
    """Builds executables in release mode: those of this package, and SwiftNIO's."""

    def __init__(self, scratch_path: str | None) -> None:
        """Build where SwiftPM does by default, or in a folder of one's own."""
        self._scratch = Path(scratch_path) if scratch_path else None

    def _options(self, package: Path) -> list[str]:
        scratch = ["--scratch-path", str(self._scratch / package.name)] if self._scratch else []
        return ["--package-path", str(package), "-c", "release", *scratch]

    def build(self, products: Sequence[str]) -> None:
        """Build products; the first time SwiftNIO is fetched and takes minutes."""
        if not shutil.which("swift"):
            raise CannotRun("swift is not on the PATH: https://www.swift.org/install")
        for name in products:
            package = NIO if name.endswith("-nio") else HERE
            command = ["swift", "build", *self._options(package), "--product", name]
            if subprocess.run(command, stdout=sys.stderr).returncode != 0:
                raise CannotRun(f"swift build --product {name} failed")

    def folder(self, package: Path = HERE) -> Path:
        """Where the executables are."""
        path = output("swift", "build", *self._options(package), "--show-bin-path")
        if path is None:
            raise CannotRun("swift build --show-bin-path failed: is swift on the PATH?")
        return Path(path)

    def programs(self, names: Sequence[str], python: Path | None) -> Programs:
        """Where the programs of some servers are."""
        return Programs(self.folder(), self.folder(NIO) if "nio" in names else None, python)


def products_for(names: Sequence[str], workloads: Sequence[Workload]) -> list[str]:
    """The products to build for some servers, with what loads them."""
    loads = [workload.load for workload in workloads if workload.load]
    servers = [product(name, workload) for workload in workloads for name in workload.among(names)
               if name != "twisted"]
    return list(dict.fromkeys([*loads, *servers]))


def find_python(chosen: str | None) -> Path:
    """A Python with Twisted: the chosen one, or that of the repository's virtual environment."""
    python = Path(chosen) if chosen else ROOT / ".venv" / "bin" / "python"
    if output(str(python), "-c", "import twisted") is None:
        raise CannotRun(
            f"{python} has no Twisted: run Tools/run-tests, or pass --python, "
            "or leave it out with --servers c,skein,libuv,nio"
        )
    return python


def processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def nio_version() -> str:
    """The version of SwiftNIO that was resolved."""
    try:
        pins = json.loads((NIO / "Package.resolved").read_text())["pins"]
        return next(str(pin["state"]["version"]) for pin in pins if pin["identity"] == "swift-nio")
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise CannotRun(f"Package.resolved does not tell the version of SwiftNIO: {error!r}") from error


def versions(names: Sequence[str], python: Path | None) -> dict[str, str]:
    """What is measured, and on what."""
    swift = (output("swift", "--version") or "unknown").splitlines()[0]
    found = {
        "system": f"Linux {platform.release()}, {os.cpu_count()} x {processor()}",
        "compiler": f"{swift}; C by its clang",
    }
    if "skein" in names:
        commit = output("git", "-C", str(ROOT), "describe", "--always", "--dirty")
        found["skein"] = commit or "not under version control"
    if "libuv" in names:
        found["libuv"] = output("pkg-config", "--modversion", "libuv") or "unknown"
    if "nio" in names:
        found["nio"] = f"SwiftNIO {nio_version()}"
    if "twisted" in names and python:
        code = "import twisted as t, platform as p; print(t.__version__, p.python_implementation(), p.python_version())"
        found["twisted"] = output(str(python), "-c", code) or "unknown"
    return found
