"""The comparison: every field that one side or the other found, and the known differences with their reasons."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from .causes import CAUSES, VERDICT
from .ours import Decoding
from .packets import Packet
from .theirs import Fields, fields
from .tshark import Dissection

SHOWN = 20
"""How many unexplained differences are shown in full."""

UNNAMED = {"ipv4.version", "ipv6.version"}
"""Fields that one side prints and the other has no name for."""


COMPLAINTS = re.compile(
    "Malformed|Bogus|Bad checksum|Bad length value|exceeds (packet|framing) length|goes past|too-short option|"
    "Invalid option length|Invalid length/type|Illegal checksum|Short segment|header must be exactly")
"""The remarks by which tshark says that a packet is not as it should be; others only say that it is unusual."""


@dataclass
class Case:
    """One packet, as both sides see it."""

    number: int
    packet: Packet
    dissection: Dissection
    theirs: Fields
    decoding: Decoding

    @property
    def ours(self) -> Fields:
        """Skein's fields."""
        return self.decoding.fields

    @property
    def is_complaint(self) -> bool:
        """Whether tshark says that something is wrong with the packet."""
        found = self.dissection.fields
        remarks = found.get("_ws.expert.message", [])
        return "_ws.malformed" in found or "_ws.short" in found or any(map(COMPLAINTS.search, remarks))


@dataclass
class Tally:
    """What a run found."""

    packets: int = 0
    faulty: int = 0
    fields: int = 0
    equal: int = 0
    names: set[str] = field(default_factory=set)
    differing: int = 0
    known: Counter[str] = field(default_factory=Counter)
    known_packets: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    unexplained_by: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, packet: Packet, dissection: Dissection, decoding: Decoding) -> None:
        """Compare one packet."""
        case = Case(number, packet, dissection, fields(dissection), decoding)
        # Both agree on whether anything is wrong at all.
        case.theirs[VERDICT] = case.is_complaint
        case.ours[VERDICT] = bool(decoding.failure or decoding.option_failure)
        self.packets += 1
        self.faulty += packet.fault != ""
        causes = set()
        differs = False
        for name in sorted(_comparable(case)):
            self.fields += 1
            self.names.add(name)
            theirs, ours = case.theirs.get(name), case.ours.get(name)
            if theirs == ours:
                self.equal += 1
                continue
            differs = True
            cause = next((cause for cause in CAUSES if cause.covers(case, name)), None)
            if cause:
                self.known[cause.name] += 1
                causes.add(cause.name)
            else:
                self.unexplained_by[f"{packet.fault or 'well-formed'}: {name}"] += 1
                self.unexplained.append(
                    f"packet {number} ({packet.kind}{', ' + packet.fault if packet.fault else ''}): {name}: "
                    f"tshark {theirs!r}, skein {ours!r}; skein says {decoding.failure or 'nothing'!r}"
                    f"{' and ' + decoding.option_failure if decoding.option_failure else ''}")
        self.known_packets.update(causes)
        self.differing += differs

    def silent_causes(self) -> list[str]:
        """The known differences that did not happen."""
        return [cause.name for cause in CAUSES if not self.known[cause.name] and self.packets >= cause.expected_of]


def _comparable(case: Case) -> set[str]:
    """The fields to compare: of the layers that both found all, and which layers were found."""
    names = {name for name in case.theirs.keys() | case.ours.keys() if name.startswith("layer ") or name in ("payload", VERDICT)}
    both = {name.split()[1] for name in names if name.startswith("layer ") and name in case.theirs and name in case.ours}
    for name in case.theirs.keys() | case.ours.keys():
        if name not in UNNAMED and name.replace(" ", ".").split(".")[0] in both:
            names.add(name)
    if "payload" not in case.theirs:
        # tshark went on into the payload.
        names.discard("payload")
    return names
