"""A class of a program whose methods are scripts."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Acts, within
from .verbs import VERBS, Writer, made_by

Lines = list[str]


def indented(lines: Sequence[str], steps: int = 1) -> Lines:
    """Lines further to the right."""
    return ["    " * steps + line if line else line for line in lines]


class Class(Writer):
    """A class whose methods are scripts."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self._head = head
        self._fields: Lines = []
        self._methods: list[Lines] = []
        self._known: frozenset[int] = frozenset()
        self._count = 0

    def know(self, *scripts: Acts) -> None:
        """The scripts of this class: what they make can be referred to by all of them."""
        made = [act for acts in scripts for act in within(acts) if act.label and made_by(act)]
        self._known = frozenset(act.label for act in made)
        self._fields += [f"{made_by(act)}_{act.label} = None" for act in made]

    def field(self, line: str) -> None:
        """A field of the class, by the line that makes it."""
        self._fields.append(line)

    def knows(self, label: int) -> bool:
        """Whether a script of this class makes what a label names."""
        return label in self._known

    def later(self, acts: Acts, before: Sequence[str] = (), after: Sequence[str] = (), name: str = "after") -> str:
        """A method that does these acts; gives its name."""
        self._count += 1
        name = f"{name}_{self._count}"
        self._methods.append([])
        place = len(self._methods) - 1
        self._methods[place] = [f"def {name}(self):", *indented([*before, *self.statements(acts), *after] or ["pass"])]
        return f"self.{name}"

    def statements(self, acts: Acts) -> Lines:
        """The statements of a script. What comes after an error is raised is never reached, and not written."""
        lines: Lines = []
        for act in acts:
            lines += VERBS[act.verb](self, act)
            if act.verb == "raise":
                break
        return lines

    def method(self, head: str, lines: Sequence[str]) -> None:
        """A method by its head."""
        self._methods.append([f"def {head}:", *indented(list(lines) or ["pass"])])

    def lines(self) -> Lines:
        """The whole class."""
        body: Lines = list(self._fields)
        for method in self._methods:
            body += ([""] if body else []) + method
        return [self._head, *indented(body or ["pass"])]
