"""Judging a run against a recording: pure, without sockets and without Twisted."""

from .compare import compare
from .judge import Judge
from .recording import Recording, RecordingError, recording
from .verdict import Divergence, Verdict, report

__all__ = ["Divergence", "Judge", "Recording", "RecordingError", "Verdict", "compare", "recording", "report"]
