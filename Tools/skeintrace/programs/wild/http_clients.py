"""curl at the HTTP server: a page, two over one connection, a form, a long page. http_clients.py PORT"""

from __future__ import annotations

import subprocess
import sys

BASE = f"http://127.0.0.1:{sys.argv[1]}"


def curl(*words: str) -> bytes:
    return subprocess.run(["curl", "--silent", "--fail", "--max-time", "10", *words], check=True, stdout=subprocess.PIPE).stdout


assert curl(BASE + "/one") == b"this is /one\n"
assert curl(BASE + "/two", BASE + "/three") == b"this is /two\nthis is /three\n"
assert curl("--data", "name=value", BASE + "/form") == b"you said: name=value"
assert curl(BASE + "/long") == b"0123456789abcdef" * 5_000
