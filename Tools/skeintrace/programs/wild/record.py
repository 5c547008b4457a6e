"""Records each of these servers while its clients talk to it from processes of their own: record.py DIR [NAME...]

    skeintrace record -o DIR -- NAME_server.py        prints a port, and is ended with SIGTERM if no client does it
    NAME_clients.py PORT
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: The servers that end by themselves.
STOPPED_BY_CLIENTS = {"line"}


def record(folder: str, name: str) -> None:
    words = ["-m", "skeintrace", "record", "-o", folder, "--", f"{name}_server.py"]
    server = subprocess.Popen([sys.executable, *words], cwd=HERE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        subprocess.run([sys.executable, f"{name}_clients.py", port], cwd=HERE, check=True, timeout=60)
    finally:
        if name not in STOPPED_BY_CLIENTS:
            server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=60)
    if status != 0:
        raise SystemExit(f"{name}_server.py ended with status {status}")


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    folder = str(Path(folder).resolve())
    for name in names or sorted(path.name.removesuffix("_server.py") for path in HERE.glob("*_server.py")):
        record(folder, name)
