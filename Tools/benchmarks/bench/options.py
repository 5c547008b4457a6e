"""The options that `run` and `counts` share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence


def numbers(low: int, high: int) -> Callable[[str], list[int]]:
    """A parser of whole numbers, separated by commas."""

    def parse(text: str) -> list[int]:
        words = text.split(",")
        if not all(word.isdecimal() and low <= int(word) <= high for word in words):
            raise argparse.ArgumentTypeError(f"expected numbers from {low} to {high}, commas between, found {text!r}")
        return list(dict.fromkeys(int(word) for word in words))

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of one whole number."""

    def parse(text: str) -> int:
        if not (text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"expected a number from {low} to {high}, found {text!r}")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """A parser of a slice's length."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.01 <= value <= 60:
        raise argparse.ArgumentTypeError(f"expected seconds from 0.01 to 60, found {text!r}")
    return value


def names_among(known: Sequence[str]) -> Callable[[str], list[str]]:
    """A parser of names, which gives them in the order in which they are known."""

    def parse(text: str) -> list[str]:
        words = text.split(",")
        unknown = [word for word in words if word not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"expected some of {','.join(known)}, found {','.join(unknown)!r}")
        return [name for name in known if name in words]

    return parse


def servers_among(known: Sequence[str]) -> Callable[[str], list[str]]:
    """A parser of servers' names: with `c` always among them."""
    parse = names_among(known)
    return lambda text: ["c", *(name for name in parse(text) if name != "c")]


def default_cores() -> list[int]:
    """The first two cores that this process may use."""
    return sorted(os.sched_getaffinity(0))[:2]


def add_common(parser: argparse.ArgumentParser, servers: Sequence[str], others: Sequence[str] = ()) -> None:
    """The options about servers, cores and builds."""
    parser.add_argument("--servers", type=servers_among([*servers, *others]), default=list(servers), metavar="NAME,…",
                        help=f"servers to measure (default {','.join(servers)}; c is always measured)")
    parser.add_argument("--cores", type=numbers(0, 4095), default=default_cores(), metavar="SERVER,LOAD",
                        help="cores of server and load (default: the first two)")
    parser.add_argument("--skip-build", action="store_true", help="measure what is built already")
    parser.add_argument("--scratch-path", metavar="PATH", help="where swift builds (default .build)")


def check_cores(parser: argparse.ArgumentParser, cores: Sequence[int]) -> None:
    """Refuse what is not two cores that this process may use."""
    usable = os.sched_getaffinity(0)
    if len(cores) != 2 or not usable.issuperset(cores):
        parser.error(f"--cores: two different cores among {sorted(usable)} are needed, found {list(cores)}")
