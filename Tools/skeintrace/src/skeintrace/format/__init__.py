"""The trace format: reading, writing, checking."""

from .errors import FormatError
from .limits import Limits
from .reader import Reader, Trace, iterate, read
from .text import Word
from .tree import Crossing, Tree
from .validate import validate
from .vocabulary import Member, families, family_of, kind_of_object, member_of, members
from .writer import Writer

__all__ = [
    "Crossing",
    "FormatError",
    "Limits",
    "Member",
    "Reader",
    "Trace",
    "Tree",
    "Word",
    "Writer",
    "families",
    "family_of",
    "iterate",
    "kind_of_object",
    "member_of",
    "members",
    "read",
    "validate",
]
