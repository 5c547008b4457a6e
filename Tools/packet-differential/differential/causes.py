"""The known differences between tshark and Skein, with the reason of each. One that stops happening fails the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from .compare import Case

FLOORS = {"Ethernet": 0, "VLAN": 0, "ARP": 1, "IPv4": 1, "IPv6": 1, "IPv6 extension": 1, "UDP": 2, "TCP": 2, "ICMPv4": 2,
          "ICMPv6": 2}
"""The floor that a failure names."""

LAYER_FLOORS = {"ethernet": 0, "arp": 1, "ipv4": 1, "ipv6": 1, "udp": 2, "tcp": 2, "icmpv4": 2, "icmpv6": 2}
EXTENSION_FIELDS = {f"ipv6.{name}" for name in (
    "extensions", "options", "optionLengths", "routingType", "segmentsLeft", "fragmentIdentification", "moreFragments",
    "fragmentOffset", "securityParametersIndex", "authenticationSequence", "integrityCheckValue")}
UNNAMED_OPTION = 30


VERDICT = "something is wrong"
"""The field that says whether anything is wrong with the packet."""


@dataclass(frozen=True)
class Cause:
    """A difference that is meant to be."""

    name: str
    reason: str
    covers: Callable[[Case, str], bool]
    """Whether it explains a field of a packet."""
    expected_of: int = 2000
    """Of how many packets on it has to happen."""


def _floor(failure: str) -> int:
    return FLOORS[failure.partition(":")[0]]


def _is_at_or_above(floor: int, name: str) -> bool:
    """Whether a field says that a layer from some floor on is there, or is its payload."""
    return name == "payload" or (name.startswith("layer ") and LAYER_FLOORS[name.split()[1]] >= floor)


def _is_link(name: str) -> bool:
    return name in ("ethernet.tags", "ethernet.type")


def _cut(case: Case, name: str) -> bool:
    failure = case.decoding.failure
    if not case.is_complaint or "bytes are needed" not in failure or failure.startswith("IPv6 extension"):
        return False
    floor = _floor(failure)
    return _is_at_or_above(floor, name) or (floor == 0 and _is_link(name))


def _impossible(case: Case, name: str) -> bool:
    failure = case.decoding.failure
    if not case.is_complaint or "cannot be" not in failure:
        return False
    return _is_at_or_above(_floor(failure), name) or (failure.startswith("Ethernet") and _is_link(name))


def _above_checksum(case: Case, name: str) -> bool:
    failure = case.decoding.failure
    return case.is_complaint and "the checksum is" in failure and _is_at_or_above(_floor(failure) + 1, name)


def _cut_extension(case: Case, name: str) -> bool:
    return (case.is_complaint and case.decoding.failure.startswith("IPv6 extension")
            and (name in EXTENSION_FIELDS or _is_at_or_above(2, name)))


def _long_ipv6_option(case: Case, name: str) -> bool:
    return (case.is_complaint and case.decoding.option_failure.startswith("IPv6 extension")
            and (name in EXTENSION_FIELDS or _is_at_or_above(2, name)))


def _unnoticed_ipv6_option(case: Case, name: str) -> bool:
    return (not case.is_complaint and case.decoding.option_failure.startswith("IPv6 extension")
            and name in ("ipv6.options", "ipv6.optionLengths", VERDICT))


def _broken_option(case: Case, name: str) -> bool:
    if not case.is_complaint or not case.decoding.option_failure or not name.startswith(("ipv4.", "tcp.", "icmpv6.")):
        return False
    theirs, ours = case.theirs.get(name), case.ours.get(name) or []
    # What Skein read before the broken option is what tshark read first.
    return isinstance(theirs, Sequence) and isinstance(ours, Sequence) and list(theirs[: len(ours)]) == list(ours)


def _unnamed_option(case: Case, name: str) -> bool:
    if name != "ipv4.options":
        return False
    ours = case.ours.get(name)
    named = [kind for kind in ours if kind != UNNAMED_OPTION] if isinstance(ours, list) else []
    return named == (case.theirs.get(name) or [])


def _first_fragment(case: Case, name: str) -> bool:
    fields = case.ours
    is_first = any(fields.get(f"{version}.moreFragments") == 1 and fields.get(f"{version}.fragmentOffset") == 0
                   for version in ("ipv4", "ipv6"))
    return is_first and case.decoding.failure == "" and (name == VERDICT or _is_at_or_above(2, name))


def _reset(case: Case, name: str) -> bool:
    flags = case.theirs.get("tcp.flags")
    return name == "payload" and isinstance(flags, int) and flags & 4 != 0 and case.theirs[name] == ""


def _unused_mtu(case: Case, name: str) -> bool:
    return name == "icmpv4.nextHopMTU" and name not in case.theirs and case.theirs.get("icmpv4.code") != 4


def _last_pad(case: Case, name: str) -> bool:
    theirs, ours = case.theirs.get("ipv6.options"), case.ours.get("ipv6.options")
    is_last = isinstance(ours, list) and ours == [*(theirs if isinstance(theirs, list) else []), 0]
    return is_last and name in ("ipv6.options", VERDICT) and case.ours["payload"] == ""


def _nothing_above(case: Case, name: str) -> bool:
    return name == VERDICT and not case.is_complaint and case.decoding.failure.endswith("bytes are needed, 0 are there")


def _no_checksum(case: Case, name: str) -> bool:
    return (name == "udp checksum is wrong" and case.ours.get("udp.checksum") == 0 and "layer ipv6" in case.ours
            and case.is_complaint)


CAUSES: list[Cause] = [
    Cause("cut short", "The header, or the length that it announces, is not there. tshark shows what is left of the layer and goes "
          "on above it; Skein shows the layers beneath, the bytes, and the failure.", _cut),
    Cause("impossible value", "A version, a length or a type that no packet has. tshark shows the layer with a remark; Skein takes "
          "nothing from a header that contradicts itself.", _impossible),
    Cause("above a wrong checksum", "tshark goes on above a layer whose checksum is wrong; Skein, asked to verify, does not.",
          _above_checksum),
    Cause("extension header cut short", "tshark reads options from what follows the packet's end of the header; Skein takes no "
          "extension header that is not whole.", _cut_extension),
    Cause("long IPv6 option", "An option longer than its header ends tshark's dissection of the packet; Skein reports the option and "
          "goes on behind the header, whose length is right.", _long_ipv6_option),
    Cause("IPv6 option into what follows", "tshark reads an option that is longer than its header from what follows it, without a "
          "remark; Skein reports it.", _unnoticed_ipv6_option),
    Cause("broken option", "tshark still shows the type of an option whose length is wrong, or goes on behind it; Skein shows the "
          "options before it, and the failure.", _broken_option),
    Cause("IPv4 option without a name", f"tshark gives an option that it does not know ({UNNAMED_OPTION}) no type in its fields.",
          _unnamed_option),
    Cause("first fragment", "tshark reads the UDP header in a first fragment; Skein looks for nothing above a fragment: that is for "
          "the datagram when it is whole.", _first_fragment),
    Cause("cause of a reset", "tshark takes the payload of a TCP reset for a text; Skein leaves it a payload.", _reset),
    Cause("MTU of another code", "The bytes of the next hop's MTU count with code 4 alone; tshark shows them there, Skein always.",
          _unused_mtu),
    Cause("no checksum over IPv6", "tshark calls a UDP checksum of 0 over IPv6 illegal, and not wrong; Skein calls it wrong.",
          _no_checksum),
    Cause("nothing above IPv4", "An IPv4 packet without the header that its protocol number announces. tshark does not remark on one "
          "that ends there; Skein does.", _nothing_above, expected_of=100_000),
    Cause("last byte is padding", "tshark does not show a Pad1 that is the last byte of a packet, and calls the packet malformed.", _last_pad, expected_of=100_000),
]

__all__ = ["CAUSES", "Cause"]
