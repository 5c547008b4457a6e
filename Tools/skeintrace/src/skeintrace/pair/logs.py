"""Lines of the log, with what they say as keys beside the text."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from functools import wraps
from pathlib import Path
from typing import Any

from twisted.python import deprecate, log

from .active import active
from .parties import Party
from .patches import patches

_CLOSED = re.compile(r"\(Tuntap (.*) Closed\)", re.DOTALL)
_UNHANDLED = re.compile(r"Unhandled exception from (.+)\.(\w+)$")
_HERE = str(Path(__file__).parent)
_DEPRECATED = {
    "twisted.pair.tuntap.TuntapPort.loseConnection was deprecated": ("TuntapPort", "loseConnection"),
    "TunnelAddress.__getitem__ is deprecated": ("TunnelAddress", "item"),
}


def install() -> None:
    """Starts to see what is logged and warned of."""
    log.addObserver(_observe)
    patches.later(lambda: log.removeObserver(_observe))
    warn = _warner()
    patches.replace(warnings, "warn", warn)
    patches.replace(deprecate, "warn", warn)


def _observe(event: dict[str, Any]) -> None:
    recorder = active.running()
    if recorder is None or recorder.party is Party.APPLICATION:
        return
    text = (log.textFromEventDict(event) or "").partition("\n")[0]
    line: dict[str, Any] = {"level": "error" if event.get("isError") else "info", **_what(event, text), "text": text}
    failure = event.get("failure")
    if failure is not None:
        line["error"] = recorder.guard(lambda: recorder.values.value(failure))
    recorder.leaf({"log": line})


def _what(event: dict[str, Any], text: str) -> dict[str, Any]:
    """What a line says, as far as it is known."""
    if str(event.get("format", "")).endswith("starting on %(interface)s"):
        cls = event["protocol"]
        return {"what": "starting", "class": f"{cls.__module__}.{cls.__qualname__}", "interface": event["interface"]}
    closed = _CLOSED.fullmatch(text)
    if closed:
        return {"what": "closed", "interface": _interface(closed[1])}
    unhandled = _UNHANDLED.match(text)
    if unhandled:
        return {"what": "unhandled", "class": unhandled[1], "member": unhandled[2]}
    return {}


def _interface(text: str) -> Any:
    """A name out of a line: Python's spelling of bytes, or text."""
    return ast.literal_eval(text) if text.startswith(("b'", 'b"')) else text


def _warner() -> Any:
    original = warnings.warn

    @wraps(original)
    def warn(message: Any, category: Any = None, stacklevel: int = 1, *args: Any, **kwargs: Any) -> None:
        recorder = active.running()
        if recorder is not None and recorder.party is not Party.APPLICATION:
            what = next((told for start, told in _DEPRECATED.items() if str(message).startswith(start)), None)
            keys = {} if what is None else {"what": "deprecated", "class": what[0], "member": what[1]}
            recorder.leaf({"log": {"level": "warn", **keys, "text": str(message)}})
        original(message, category, stacklevel + 1 + _own_frames(stacklevel), *args, **kwargs)

    return warn


def _own_frames(level: int) -> int:
    """How many of the recorder's frames stand among so many others, so that a warning is of the line that it is of."""
    frame = sys._getframe(2)
    passed = 0
    while frame is not None and level > 0:
        if frame.f_code.co_filename.startswith(_HERE):
            passed += 1
        else:
            level -= 1
        frame = frame.f_back  # type: ignore[assignment]
    return passed
