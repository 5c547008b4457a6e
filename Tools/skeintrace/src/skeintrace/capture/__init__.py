"""Captures beside a trace: what crossed its connections and its devices, as packets for Wireshark and its like."""

from .capture import Capture, CaptureError, Packet, UnwritableError, packets_of_events
from .captures import captures, write_captures

__all__ = ["Capture", "CaptureError", "Packet", "UnwritableError", "captures", "packets_of_events", "write_captures"]
