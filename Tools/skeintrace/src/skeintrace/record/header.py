"""What a trace says of itself before its first event."""

from __future__ import annotations

import platform
import re
import sys
from datetime import datetime, timezone
from typing import Any

import twisted


def producer(reactor: str) -> dict[str, Any]:
    """Who the events come from."""
    return {
        "name": "twisted",
        "version": twisted.__version__,
        "runtime": f"{platform.python_implementation()} {platform.python_version()}",
        "reactor": reactor,
        "platform": f"{sys.platform} {platform.machine()}",
    }


def header(*, title: str, case: str, source: str, reactor: str, **more: Any) -> dict[str, Any]:
    """A header's keys. `more` wins nothing and replaces nothing: keys without a value are left out."""
    keys: dict[str, Any] = {
        "features": ["reactor"],
        "title": title,
        "case": case,
        "source": source,
        "producer": producer(reactor),
        "recorder": {"name": "skeintrace", "version": "1"},
        "started": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    keys.update({key: value for key, value in more.items() if value is not None})
    return keys


_WORDS = re.compile(r"IPv[46]|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")


def in_words(name: str) -> str:
    """A name in camel case as words: `disconnectWhileProducing` is "disconnect while producing"."""
    words = _WORDS.findall(name.replace("_", " "))
    return " ".join(word if word.isupper() or any(c.isdigit() for c in word) else word.lower() for word in words)
