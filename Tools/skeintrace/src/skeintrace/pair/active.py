"""The process's one recorder of pair, where every patched class finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recorder import PairRecorder


class Active:
    """Holds the recorder, if there is one."""

    __slots__ = ("recorder",)

    def __init__(self) -> None:
        self.recorder: PairRecorder | None = None

    def running(self) -> PairRecorder | None:
        """The recorder whose window is open."""
        recorder = self.recorder
        return None if recorder is None or recorder.passive else recorder


active = Active()
