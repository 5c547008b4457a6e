"""Typed forms go there and back, and what says the same is the same by type as well."""

from __future__ import annotations

import os
import struct
from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from twisted.pair.tuntap import _TUNSETIFF, TunnelFlags

from skeintrace.pair import typed
from skeintrace.pair.errors import error_form
from skeintrace.pair.same import difference, same

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=3) | some.binary(max_size=3),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(some.binary(min_size=16, max_size=16), some.sets(some.sampled_from(list(typed.MODES))))
def test_an_ifreq_of_known_modes_goes_there_and_back(name: bytes, modes: set[str]) -> None:
    packed = struct.pack("16sH", name, sum(typed.MODES[mode] for mode in modes))
    assert typed.ifreq_value(typed.ifreq_form(packed)["ifreq"]) == packed


@pytest.mark.parametrize("data", [b"tap0", b"garbage", b"x" * 17 + b"\xff", b"", None], ids=repr)
def test_what_is_no_ifreq_stays_as_it_is(data: Any) -> None:
    assert typed.ifreq_form(data) is data


@pytest.mark.parametrize(
    ("value", "memory", "form"),
    [
        (os.O_RDWR | os.O_NONBLOCK, False, {"os": ["rdwr", "nonblock"]}),
        (os.O_RDWR, False, {"os": ["rdwr"]}),
        (7, True, {"memory": ["rdwr", "nonblock", "cloexec"]}),
        (7, False, {"memory": ["rdwr", "nonblock", "cloexec"]}),
        (2, True, {"memory": ["nonblock"]}),
        (0, False, {"os": []}),
        (1 << 30, False, 1 << 30),
        (True, False, True),
    ],
)
def test_flags_to_open_with_are_named_by_whose_numbers_they_are(value: Any, memory: bool, form: Any) -> None:
    assert same(typed.open_form(value, memory), form)
    if isinstance(form, dict):
        assert typed.open_value(form) == value


def test_modes_are_written_in_the_order_of_the_table() -> None:
    either = TunnelFlags.IFF_NO_PI | TunnelFlags.IFF_TUN
    assert typed.flags_form(either) == {"flags": ["IFF_TUN", "IFF_NO_PI"]}
    assert typed.flags_value(["IFF_TUN", "IFF_NO_PI"]).value == either.value
    assert typed.flags_form(TunnelFlags.IFF_TUN & TunnelFlags.IFF_TAP) == {"flags": []}
    assert typed.flags_value([]).value == 0
    assert typed.flags_value(["IFF_TAP"]) is TunnelFlags.IFF_TAP


def test_requests_and_signals_are_named() -> None:
    assert typed.request_form(_TUNSETIFF) == {"constant": "TUNSETIFF"}
    assert typed.request_form(0xDEADBEEF) == 0xDEADBEEF
    assert typed.signal_form(2) == {"constant": "SIGINT"}
    assert typed.constant_value("SIGINT") == 2
    assert typed.constant_value("TUNSETIFF") == _TUNSETIFF


@given(values)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)
    assert difference(value, value) == ""


@given(values, values)
def test_two_values_are_the_same_or_there_is_a_difference(one: Any, other: Any) -> None:
    assert same(one, other) == same(other, one) == (difference(one, other) == "")


@pytest.mark.parametrize(("one", "other"), [(False, 0), (True, 1), (b"x", "x"), (1, 1.0), (None, False), ([], {})], ids=repr)
def test_types_count(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same({"a": [one]}, {"a": [other]})


def test_messages_are_for_people_and_so_is_a_line_that_says_what_it_is() -> None:
    assert same({"error": "os-error", "errno": "EAGAIN", "message": "a"}, {"error": "os-error", "errno": "EAGAIN"})
    assert same({"level": "info", "what": "closed", "text": "a"}, {"level": "info", "what": "closed", "text": "b"})
    assert not same({"level": "info", "text": "a"}, {"level": "info", "text": "b"})


def unpacked(form: str, data: bytes) -> BaseException:
    with pytest.raises(struct.error) as caught:
        struct.unpack(form, data)
    return caught.value


def packed(form: str, *parts: Any) -> BaseException:
    with pytest.raises(struct.error) as caught:
        struct.pack(form, *parts)
    return caught.value


@pytest.mark.parametrize(
    ("error", "form"),
    [
        (OSError(11, "try again"), {"error": "os-error", "errno": "EAGAIN"}),
        (OSError("illegal IP address string passed to inet_pton"), {"error": "os-error"}),
        (unpacked("!HHHH", b"short"), {"error": "short-packet", "need": 8}),
        (packed("!H", 65536), {"error": "number-range"}),
        (packed("!H", -1), {"error": "number-range"}),
        (packed("16sH", "text", 1), {"error": "type-error"}),
        (TypeError("Added protocol must be positive or zero"), {"error": "number-negative"}),
        (TypeError("anything else"), {"error": "type-error"}),
        (NotImplementedError(), {"error": "not-implemented"}),
        (IndexError(), {"error": "index-error"}),
        (UnicodeEncodeError("ascii", "\u00e9", 0, 1, "no"), {"error": "value-error"}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_errors_have_families(error: BaseException, form: dict[str, Any]) -> None:
    assert error_form(error, lambda value: value) == form


def test_a_queue_is_a_list() -> None:
    from skeintrace.pair.recorder import PairRecorder
    from skeintrace.record.journal import EventList

    encoder = PairRecorder(EventList()).values
    assert encoder.value(deque([b"a", (1, True)])) == [b"a", [1, True]]
