"""A network of the recorder's own, so that a link-local address is there and nothing leaves the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

MARK = "SKEINTRACE_NAMESPACE"
INTERFACE = "dummy0"
ADDRESS = "fe80::1/64"


def enter() -> bool:
    """Runs this command again inside a network namespace, and there makes the interface and returns True. Where no
    namespace can be made it returns False: link-local hosts are then missing, and what needs them is not run."""
    if os.environ.get(MARK):
        _prepare()
        return True
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    flags = ["-n"] if os.geteuid() == 0 else ["-r", "-n"]
    if subprocess.run([unshare, *flags, "true"], capture_output=True).returncode:
        return False
    environment = {**os.environ, MARK: "1"}
    os.execve(unshare, [unshare, *flags, sys.executable, "-m", "skeintrace", *sys.argv[1:]], environment)


def _prepare() -> None:
    """Brings up the loopback and an interface with a link-local address: a dummy, or a bridge where there is no dummy."""
    _ip("link", "set", "lo", "up")
    for kind in ("dummy", "bridge", "veth"):
        if _ip("link", "add", INTERFACE, "type", kind):
            break
    _ip("link", "set", INTERFACE, "addrgenmode", "none")
    _ip("link", "set", INTERFACE, "up")
    _ip("-6", "address", "add", ADDRESS, "dev", INTERFACE, "nodad")
    os.environ.pop(MARK, None)


def _ip(*words: str) -> bool:
    return subprocess.run(["ip", *words], check=False, capture_output=True).returncode == 0
