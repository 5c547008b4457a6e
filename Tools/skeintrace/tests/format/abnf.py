"""Matches text against the ABNF of the document: RFC 5234 with the case-sensitive strings of RFC 7405.

Alternatives are tried in order and repetitions take all they can, which is enough for a grammar written that way.
"""

from __future__ import annotations

import re
from typing import Callable

Matcher = Callable[[str, int], "int | None"]

_TOKEN = re.compile(
    r'\s*(?:(?P<repeat>\d*\*\d*|\d+)(?=[^\s/)\]])|(?P<sensitive>%s)?"(?P<string>[^"]*)"|%x(?P<low>[0-9A-F]+)(?:-(?P<high>[0-9A-F]+))?'
    r"|(?P<rule>[A-Za-z][A-Za-z0-9-]*)|(?P<punctuation>[()\[\]/]))"
)

_CORE = {
    "ALPHA": "%x41-5A / %x61-7A",
    "DIGIT": "%x30-39",
    "DQUOTE": "%x22",
    "LF": "%x0A",
}


class Grammar:
    """The rules of a grammar by name."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, Matcher] = {}
        for name, body in _CORE.items():
            self.rules[name] = self._rule(body)
        for line in text.splitlines():
            name, equals, body = line.partition("=")
            if equals:
                self.rules[name.strip()] = self._rule(body)

    def matches(self, rule: str, text: str) -> bool:
        """Whether the whole text is what the rule describes."""
        return self.rules[rule](text, 0) == len(text)

    def _rule(self, body: str) -> Matcher:
        tokens = []
        position = 0
        body = body.strip()
        while position < len(body):
            match = _TOKEN.match(body, position)
            assert match is not None, body[position:]
            tokens.append(match)
            position = match.end()
        matcher, rest = self._alternatives(tokens)
        assert not rest, body
        return matcher

    def _alternatives(self, tokens: list[re.Match[str]]) -> tuple[Matcher, list[re.Match[str]]]:
        options = []
        while True:
            parts: list[Matcher] = []
            while tokens and tokens[0]["punctuation"] not in ("/", ")", "]"):
                part, tokens = self._element(tokens)
                parts.append(part)
            options.append(_sequence(parts))
            if not tokens or tokens[0]["punctuation"] != "/":
                return _choice(options), tokens
            tokens = tokens[1:]

    def _element(self, tokens: list[re.Match[str]]) -> tuple[Matcher, list[re.Match[str]]]:
        token, rest = tokens[0], tokens[1:]
        if token["repeat"]:
            low, star, high = token["repeat"].partition("*")
            least = int(low or 0)
            most = int(high) if high else (None if star else least)
            part, rest = self._element(rest)
            return _repeat(part, least, most), rest
        if token["punctuation"] in ("(", "["):
            part, rest = self._alternatives(rest)
            assert rest and rest[0]["punctuation"] in (")", "]")
            return (_repeat(part, 0, 1) if token["punctuation"] == "[" else part), rest[1:]
        if token["rule"]:
            name = token["rule"]
            return (lambda text, place: self.rules[name](text, place)), rest
        if token["low"]:
            low_code = int(token["low"], 16)
            high_code = int(token["high"] or token["low"], 16)
            return (
                lambda text, place: place + 1 if place < len(text) and low_code <= ord(text[place]) <= high_code else None
            ), rest
        string = token["string"]
        if token["sensitive"]:
            return (lambda text, place: place + len(string) if text.startswith(string, place) else None), rest
        wanted = string.lower()
        return (
            lambda text, place: place + len(wanted) if text[place : place + len(wanted)].lower() == wanted else None
        ), rest


def _sequence(parts: list[Matcher]) -> Matcher:
    def match(text: str, place: int) -> int | None:
        for part in parts:
            end = part(text, place)
            if end is None:
                return None
            place = end
        return place

    return match


def _choice(options: list[Matcher]) -> Matcher:
    def match(text: str, place: int) -> int | None:
        for option in options:
            end = option(text, place)
            if end is not None:
                return end
        return None

    return match


def _repeat(part: Matcher, least: int, most: int | None) -> Matcher:
    def match(text: str, place: int) -> int | None:
        count = 0
        while most is None or count < most:
            end = part(text, place)
            if end is None or end == place:
                break
            place = end
            count += 1
        return place if count >= least else None

    return match
