"""What the recorder of pair has replaced."""

from ..record.patches import Patches

patches = Patches()
