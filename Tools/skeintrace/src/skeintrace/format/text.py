"""Scalars of the canonical form: words, integers, doubles, quoted strings and bytes, as text and back."""

from __future__ import annotations

import math
import re

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
"""A plain word, unless it is reserved."""

INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:e[-+][0-9]{2,3})?\Z")
SPECIAL = {".inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}

RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
"""What YAML 1.1 loaders turn into a boolean or null, whatever the case."""

INT_MIN, INT_MAX = -(2**63), 2**63 - 1

PREVIEW = 60
"""How many characters of escaped data the comment behind a line shows at most."""


class Word(str):
    """A string that stood plain, without quotes, where the vocabulary does not say which it has to be."""

    __slots__ = ()


def is_word(text: str) -> bool:
    """Whether the text may stand plain."""
    return WORD.match(text) is not None and text.lower() not in RESERVED


_ESCAPED = re.compile(r'[^ !#-\[\]-~]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    short = _SHORT.get(character)
    if short is not None:
        return short
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("a lone surrogate is no text: write such data as bytes")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(text: str) -> str:
    """The double-quoted form. Raises ValueError for a lone surrogate, which no YAML text can hold."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


_UNESCAPE = re.compile(r'\\(?:(["\\nrt])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\\')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _unescape(match: re.Match[str]) -> str:
    short, x, u, long = match.groups()
    if short:
        return _PLAIN[short]
    digits = x or u or long
    if not digits:
        raise ValueError("an unknown escape")
    code = int(digits, 16)
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        raise ValueError("an escape that is no Unicode scalar value")
    return chr(code)


def unquoted(body: str) -> str:
    """What stands between the quotes, with its escapes replaced. Raises ValueError for an escape that is none."""
    return _UNESCAPE.sub(_unescape, body) if "\\" in body else body


def number(value: float) -> str:
    """A double in its shortest digits that read back as the same double, always with a point."""
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + "e" + exponent


def preview(data: bytes) -> str:
    """The comment that shows people what bytes hold: escaped text, cut at 60 characters, and the length."""
    shown = ""
    dots = ""
    for byte in data[: PREVIEW + 1]:
        character = chr(byte)
        if character in _SHORT:
            piece = _SHORT[character]
        else:
            piece = character if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}"
        if len(shown) + len(piece) > PREVIEW:
            dots = "..."
            break
        shown += piece
    return f'  # "{shown}"{dots} {len(data)} B'
