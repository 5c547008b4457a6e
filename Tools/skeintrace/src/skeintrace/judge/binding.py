"""Names, ports, hosts and descriptors of a recording, bound one-to-one to live ones."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass
class OneToOne:
    """A mapping that refuses a second value for one name, and one value for two names."""

    what: str
    live: dict[Hashable, Hashable] = field(default_factory=dict)
    recorded: dict[Hashable, Hashable] = field(default_factory=dict)

    def conflict(self, name: Hashable, value: Hashable) -> str | None:
        """Why `name` cannot be `value`, or `None` when it is, or can be."""
        if name in self.live and self.live[name] != value:
            return f"{self.what} {name} is {self.live[name]}, not {value}"
        if value in self.recorded and self.recorded[value] != name:
            return f"{self.what} {value} is {self.recorded[value]} already, so it cannot be {name}"
        return None


@dataclass
class Bindings:
    """Everything that has one name in the recording and another in the run, and a journal so that a trial can be undone."""

    names: OneToOne = field(default_factory=lambda: OneToOne("object"))
    ports: OneToOne = field(default_factory=lambda: OneToOne("port"))
    hosts: OneToOne = field(default_factory=lambda: OneToOne("host"))
    scopes: OneToOne = field(default_factory=lambda: OneToOne("scope"))
    descriptors: OneToOne = field(default_factory=lambda: OneToOne("descriptor"))
    #: Recorded number of each live event that was matched: what `raised` refers to.
    events: dict[int, int] = field(default_factory=dict)
    _journal: list[tuple[OneToOne, Hashable, Hashable]] = field(default_factory=list)

    def bind(self, table: OneToOne, name: Hashable, value: Hashable) -> str | None:
        """Bind `name` to `value`; gives the conflict, in words, when that cannot be."""
        problem = table.conflict(name, value)
        if problem is None and name not in table.live:
            table.live[name] = value
            table.recorded[value] = name
            self._journal.append((table, name, value))
        return problem

    def mark(self) -> int:
        """A place to come back to with `undo`."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Take back every binding made since `mark`."""
        while len(self._journal) > mark:
            table, name, value = self._journal.pop()
            del table.live[name]
            del table.recorded[value]

    def live_name(self, name: str) -> str | None:
        """The live name of a recorded object."""
        found = self.names.live.get(name)
        return found if isinstance(found, str) else None

    def recorded_name(self, name: str) -> str | None:
        """The recorded name of a live object."""
        found = self.names.recorded.get(name)
        return found if isinstance(found, str) else None
