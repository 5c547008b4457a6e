"""Bytes that arrive: which recorded deliveries they fill, wherever they are cut."""

from __future__ import annotations

from .data import Delivery, Stream
from .matching import Matching
from .run import Arrival, Matched, Waits
from .verdict import Divergence


class Deliveries(Matching):
    """Judges the bytes of a connection as one string."""

    def _data(self, arrival: Arrival, target: str) -> Matched | Waits | Divergence:
        """Takes in received bytes: completes the recorded deliveries that they fill."""
        stream = self.streams[target]
        chunk = arrival.args.get("data")
        if not isinstance(chunk, bytes):
            return self._diverge("arguments", None, str(arrival), "data: expected bytes")
        strand = self._strand[stream.strand]
        head = self.recording.events[strand.next] if strand.next is not None else None
        again = self._again_data(stream.strand, chunk)
        if again is not None:
            stream.again(again)
            return self._consume_data(arrival, [again]) if stream.take(chunk).completed else Waits()
        first = next((i for i in stream.items if isinstance(i, Delivery) and not i.complete), None)
        taken = stream.take(chunk)
        if taken.differs_at is not None:
            expected = first.n if first is not None else None
            return self._diverge(
                "bytes", expected, str(arrival), f"byte {taken.differs_at} of what {target} receives differs"
            )
        if taken.excess:
            if self._abort_made(stream.strand) and self.freedoms.use("abort-tail"):
                return self._consume_data(arrival, taken.completed) if taken.completed else Waits()
            expected = head.n if head is not None else None
            return self._diverge(
                "bytes", expected, str(arrival), f"{len(taken.excess)} bytes more than expected, from byte {stream.received}"
            )
        if first is not None and head is not None and head.n != first.n:
            return self._diverge(
                f"strand {stream.strand}", head.n, str(arrival), f"these bytes come after event {head.n} of their strand"
            )
        if not taken.completed:
            return Waits() if self.freedoms.use("chunks") else self._diverge("chunks", None, str(arrival), "chunks is switched off")
        exact = len(taken.completed) == 1 and first is not None and chunk == first.data
        if not exact and not self.freedoms.use("chunks"):
            return self._diverge("chunks", taken.completed[0], str(arrival), "chunks is switched off")
        return self._consume_data(arrival, taken.completed)

    def _again_data(self, strand: str, chunk: bytes) -> int | None:
        folded = self._strand[strand].folded
        if folded is None or self.recording.events[folded].method != "dataReceived":
            return None
        if self.recording.events[folded].args.get("data") != chunk or not self.freedoms.use("repeat-count"):
            return None
        self._rearm(folded)
        return folded

    def _consume_data(self, arrival: Arrival, completed: list[int]) -> Matched | Divergence:
        for n in completed[:-1]:
            problem = self._out_of_order(self.recording.events[n], arrival)
            if problem is not None:
                return problem
            self._take(n)
        return self._consume(completed[-1], arrival, completed)

    def _cut_tail(self, target: str) -> None:
        """The connection is lost: what an abort kept from being read is not waited for."""
        stream = self.streams[target]
        strand = self._strand[stream.strand]
        while strand.next is not None:
            event = self.recording.events[strand.next]
            if event.method != "dataReceived" or not self._abort_made(stream.strand) or self._came_before_reset(event.n, stream):
                return
            if not self.freedoms.use("abort-tail"):
                return
            stream.skip(event.n)
            strand.head += 1
            below = [event.n]
            while below:
                n = below.pop()
                self._skipped.add(n)
                below.extend(self.recording.children.get(n, []))

    def _came_before_reset(self, n: int, stream: Stream) -> bool:
        """Whether a reset from outside came after this delivery: then it came once these bytes had been read."""
        cut = stream.cut_at
        return cut is not None and n < cut and self.recording.comes_from_outside(self.recording.events[cut])

    def read_limits(self) -> dict[str, int | None]:
        """How many bytes each live transport may read now (0: none until something else has happened)."""
        limits = {}
        for stream in self.streams.values():
            live = self.bindings.live_name(stream.transport) if stream.transport is not None else None
            if live is not None:
                limits[live] = None if self._abort_made(stream.strand) else stream.limit()
        return limits
