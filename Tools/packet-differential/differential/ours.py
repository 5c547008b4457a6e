"""Skein's decoding in the same terms: what `trace-replay packets --json` prints, a packet a line."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CannotRun
from .theirs import Fields

FLAGS = {name: 1 << place for place, name in enumerate("FIN SYN RST PSH ACK URG ECE CWR NS".split())}
LAYERS = ("ethernet", "arp", "ipv4", "ipv6", "udp", "tcp", "icmpv4", "icmpv6")
NAMES = {"IPv4": "ipv4", "UDP": "udp", "TCP": "tcp", "ICMPv4": "icmpv4", "ICMPv6": "icmpv6"}
WRONG_CHECKSUM = re.compile(r"(\w+): the checksum is 0x")

TCP_KINDS = {"endOfOptionList": 0, "noOperation": 1, "maximumSegmentSize": 2, "windowScale": 3, "sackPermitted": 4,
             "sack": 5, "timestamps": 8}
NEIGHBOR_KINDS = {"sourceLinkLayerAddress": 1, "targetLinkLayerAddress": 2, "prefixInformation": 3, "redirectedHeader": 4,
                  "mtu": 5}


@dataclass
class Decoding:
    """A packet as Skein sees it."""

    fields: Fields
    failure: str
    """What is wrong with the packet, or nothing."""
    option_failure: str
    """What is wrong with an option in it, or nothing."""


def decode(program: Path, capture: Path) -> Iterator[Decoding]:
    """Each packet of a capture, in order."""
    process = subprocess.Popen([program, "packets", "--json", str(capture)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        yield _decoding(json.loads(line))
    if process.wait() != 0:
        raise CannotRun(f"trace-replay packets ended with status {process.returncode}")


def _plain(value: Any) -> Any:
    """Bytes as digits, truth as a number."""
    if isinstance(value, dict) and "bytes" in value:
        return value["bytes"]
    return int(value) if isinstance(value, bool) else value


def _decoding(packet: dict[str, Any]) -> Decoding:
    failure = packet.get("failure", "")
    found: Fields = {f"layer {name}": True for name in LAYERS if name in packet}
    option_failures: list[str] = []
    for layer in LAYERS:
        for name, value in packet.get(layer, {}).items():
            if not isinstance(value, list) and name != "message":
                found[f"{layer}.{name}"] = _plain(value)
    if match := WRONG_CHECKSUM.match(failure):
        found[f"{NAMES[match[1]]} checksum is wrong"] = True
    if tags := packet.get("ethernet", {}).get("tags"):
        found["ethernet.tags"] = [(tag["type"], tag["vlan"], tag["priority"], int(tag["dropEligible"])) for tag in tags]
    _ipv4(packet, found, option_failures)
    _ipv6(packet, found, option_failures)
    _tcp(packet, found, option_failures)
    _icmp(packet, found, option_failures)
    found["payload"] = _plain(packet["payload"])
    return Decoding(found, failure, "; ".join(option_failures))


def _ok(options: list[dict[str, Any]], failures: list[str]) -> list[dict[str, Any]]:
    """The options that were read; what is wrong with the next goes to the failures."""
    failures += [option["failure"] for option in options if "failure" in option]
    return [option for option in options if "failure" not in option]


def _ipv4(packet: dict[str, Any], found: Fields, failures: list[str]) -> None:
    kinds = [option["kind"] for option in _ok(packet.get("ipv4", {}).get("options", []), failures)]
    if kinds:
        found["ipv4.options"] = kinds


def _ipv6(packet: dict[str, Any], found: Fields, failures: list[str]) -> None:
    headers = packet.get("ipv6", {}).get("extensions", [])
    if headers:
        found["ipv6.extensions"] = [header["kind"] for header in headers]
    kinds: list[int] = []
    lengths: list[int] = []
    for header in headers:
        for option in _ok(header.get("options", []), failures):
            kinds.append(option["type"])
            if option["type"] != 0:
                lengths.append(len(option["data"]["bytes"]) // 2)
        names = {"routingType": "routingType", "segmentsLeft": "segmentsLeft", "identification": "fragmentIdentification",
                 "moreFragments": "moreFragments", "fragmentOffset": "fragmentOffset",
                 "securityParametersIndex": "securityParametersIndex", "sequenceNumber": "authenticationSequence",
                 "integrityCheckValue": "integrityCheckValue"}
        for name, common in names.items():
            if name in header:
                found[f"ipv6.{common}"] = _plain(header[name])
    if kinds:
        found["ipv6.options"], found["ipv6.optionLengths"] = kinds, lengths


def _tcp(packet: dict[str, Any], found: Fields, failures: list[str]) -> None:
    if "tcp" not in packet:
        return
    flags = packet["tcp"]["flags"]
    found["tcp.flags"] = flags if isinstance(flags, int) else sum(FLAGS[name] for name in flags.split() if name != "none")
    options = _ok(packet["tcp"].get("options", []), failures)
    kinds = [TCP_KINDS.get(option["option"], option["option"]) for option in options]
    if kinds and kinds != [0]:
        found["tcp.options"] = [kind for kind in kinds if kind != 0]
    values: dict[str, list[int]] = {}
    for option in options:
        for name, common in {"size": "maximumSegmentSize", "shift": "windowScale", "value": "timestampValue",
                             "echoReply": "timestampEcho"}.items():
            if name in option:
                values.setdefault(common, []).append(option[name])
        for block in option.get("blocks", []):
            values.setdefault("sackLeft", []).append(block["left"])
            values.setdefault("sackRight", []).append(block["right"])
    found.update({f"tcp.{name}": several for name, several in values.items()})


def _icmp(packet: dict[str, Any], found: Fields, failures: list[str]) -> None:
    for layer in ("icmpv4", "icmpv6"):
        message = packet.get(layer, {}).get("message", {})
        for name, value in message.items():
            if name in ("name", "managedAddresses", "otherConfiguration", "restOfHeader"):
                continue
            common = "queryFlags" if message["name"].startswith("multicastListenerQuery") and name == "flags" else name
            found[f"{layer}.{common}"] = _plain(value)
    message = packet.get("icmpv6", {})
    options = _ok(message.get("options", []), failures)
    if options:
        found["icmpv6.options"] = [NEIGHBOR_KINDS.get(option["option"], option["option"]) for option in options]
    values: dict[str, list[Any]] = {}
    for option in options:
        for name, common in {"address": "linkAddress", "prefix": "prefix", "prefixLength": "prefixLength",
                             "flags": "prefixFlags", "validLifetime": "validLifetime",
                             "preferredLifetime": "preferredLifetime", "mtu": "optionMTU"}.items():
            if name in option:
                values.setdefault(common, []).append(option[name])
    found.update({f"icmpv6.{name}": several for name, several in values.items()})
    if message.get("sources"):
        found["icmpv6.sources"] = message["sources"]
