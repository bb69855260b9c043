"""The events of a ledger in their order, a million of them in little memory: columns, of which an event is made when it is asked for.

What was there at the opening lies in columns; what comes afterwards is a list of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import polars as pl

from labelscope.review.events import FIELDS, Event, Kind
from labelscope.review.grown import Grown

__all__ = ["EventLog", "columns"]

_KINDS: tuple[Kind, ...] = ("accept", "reject", "skip", "edit", "label", "undo", "confirm")
_CLOCK = "%Y-%m-%dT%H:%M:%S%.3f"
_UTC = "+00:00"
_BASE = {
    "seq": pl.Int64(),
    "kind": pl.Enum(_KINDS),
    "item_id": pl.String(),
    "label": pl.Categorical(),
    "before": pl.Int8(),
    "after": pl.Int8(),
    "suggestion_id": pl.String(),
    "reviewer": pl.Categorical(),
    "time": pl.Datetime("ms"),
    "batch": pl.Categorical(),
    "undoes": pl.Int64(),
    "source": pl.Categorical(),
}
_NAMES = ("kind", "label", "reviewer", "batch", "source")
_PLAIN = _BASE | dict.fromkeys((*_NAMES, "time"), pl.String())
_PIECES = 64  # of which the columns of what came since may consist
_RUN = 20_000  # events made at once where all are gone through


def columns(fields: Mapping[str, list[Any]]) -> tuple[pl.DataFrame, dict[int, str]]:
    """Events as compact columns, and the times that are written in another way than labelscope does, by number."""
    times = pl.Series(fields["time"], dtype=pl.String)
    read = times.str.head(-len(_UTC)).str.to_datetime(_CLOCK, time_unit="ms", strict=False)
    odd = (read.dt.to_string(_CLOCK + _UTC) != times).fill_null(value=True)
    frame = pl.DataFrame({name: pl.Series(fields[name], dtype=kind) for name, kind in _BASE.items() if name != "time"})
    told = {fields["seq"][row]: fields["time"][row] for row in np.flatnonzero(odd.to_numpy())}
    return frame.with_columns(time=read).select(FIELDS), told


class EventLog(Sequence[Event]):
    """Events in the order of `seq`, numbered from 0 by their place.

    Parameters
    ----------
    events : iterable of Event
    base : polars.DataFrame, optional
        Events before them, as :func:`columns` gives them.
    odd : mapping of int to str, optional
        Times of the base, from the same.
    """

    def __init__(self, events: Iterable[Event] = (), *, base: pl.DataFrame | None = None, odd: Mapping[int, str] | None = None) -> None:
        self.base = pl.DataFrame(schema=_BASE) if base is None else base
        self._odd = {} if odd is None else dict(odd)
        self._tail: list[Event] = []
        self._late = self.base.clear()  # the first of them as columns
        self._seqs = self.base["seq"].to_numpy()
        self._begun = _begun(self.base["batch"])
        self._late_seqs, self._late_begun = Grown(np.zeros(0, np.int64)), Grown(np.zeros(0, np.int32))
        self.extend(tuple(events))

    def __len__(self) -> int:
        return len(self._seqs) + len(self._tail)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: int | slice) -> Event | tuple[Event, ...]:
        if isinstance(index, slice):
            return tuple(self.take(np.arange(len(self))[index]))
        return self.take(np.array([range(len(self))[index]]))[0]

    def __iter__(self) -> Iterator[Event]:
        for start in range(0, len(self._seqs), _RUN):
            yield from _events(self._plain(self.base.slice(start, _RUN)))
        yield from self._tail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"EventLog of {len(self):,} events"

    @property
    def seq(self) -> int:
        """Number of the last event, 0 if there is none."""
        if self._tail:
            return self._tail[-1].seq
        return int(self._seqs[-1]) if len(self._seqs) else 0

    def extend(self, events: Sequence[Event]) -> None:
        """Take in the next events."""
        batches = [event.batch for event in events]
        before = self._tail[-1].batch if self._tail else None
        first = [batch is None or batch != last for batch, last in zip(batches, [before, *batches], strict=False)]
        starts = np.where(first, len(self) + np.arange(len(events)), self._late_begun.values[-1] if self._tail else 0)
        self._tail += events
        self._late_seqs.extend(np.array([event.seq for event in events], np.int64))
        self._late_begun.extend(np.maximum.accumulate(starts))

    def copy(self) -> EventLog:
        """The same events, to go on with separately; the columns are shared."""
        return EventLog(self._tail, base=self.base, odd=self._odd)

    def parted(self) -> tuple[EventLog, tuple[Event, ...]]:
        """The columns alone, to go on with separately, and the events that came after them."""
        return EventLog(base=self.base, odd=self._odd), tuple(self._tail)

    def place(self, seq: int) -> int:
        """Place of the event of a number, -1 if there is none."""
        return int(self.places(np.array([seq]))[0])

    def places(self, seqs: np.ndarray) -> np.ndarray:
        """Places of the events of some numbers, -1 where there is none: int64."""
        out = np.full(len(seqs), -1)
        for first, known in ((0, self._seqs), (len(self._seqs), self._late_seqs.values)):
            if len(known):
                at = np.minimum(np.searchsorted(known, seqs), len(known) - 1)
                out = np.where(known[at] == seqs, first + at, out)
        return out

    def of(self, seq: int) -> Event:
        """The event of a number that is there."""
        return self[self.place(seq)]

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after number `seq`. Costs what came since."""
        if self._tail and seq >= self._tail[0].seq - 1:
            return tuple(self._tail[int(np.searchsorted(self._late_seqs.values, seq, side="right")) :])
        return self[int(np.searchsorted(self._seqs, seq, side="right")) :]

    def run(self, place: int) -> range:
        """The places of the events that were written in one batch with this one: one transaction wrote them, one after the other."""
        n = len(self._seqs)
        offset, begun = (0, self._begun) if place < n else (n, self._late_begun.values)
        first = int(begun[place - offset])
        return range(first, offset + int(np.searchsorted(begun, first, side="right")))

    def take(self, places: np.ndarray) -> list[Event]:
        """The events at some places."""
        n = len(self._seqs)
        early = places[places < n]
        made = iter(_events(self._plain(self.base[early])) if len(early) else ())
        if len(early) == len(places):
            return list(made)
        return [next(made) if place < n else self._tail[place - n] for place in places.tolist()]

    def frame(self, places: np.ndarray | None = None) -> pl.DataFrame:
        """The events at some places, or all, by field: times and names as text."""
        frame = self._columns()
        return self._plain(frame if places is None else frame[places])

    def compact(self) -> pl.DataFrame:
        """All events as the columns that :func:`columns` makes: no text is made of numbers. Costs what came since the last call."""
        return self._columns()

    def _columns(self) -> pl.DataFrame:
        new = self._tail[self._late.height :]
        if new:
            made, odd = columns({name: [getattr(event, name) for event in new] for name in FIELDS})
            self._odd |= odd
            self._late = pl.concat([self._late, made], rechunk=self._late.n_chunks() >= _PIECES)
        return pl.concat([self.base, self._late], rechunk=False) if self._late.height else self.base

    def _plain(self, frame: pl.DataFrame) -> pl.DataFrame:
        text = [pl.col(name).cast(pl.String) for name in _NAMES]
        out = frame.with_columns(*text, pl.col("time").dt.to_string(_CLOCK + _UTC))
        if self._odd:
            seqs = frame["seq"].to_list()
            out = out.with_columns(
                time=pl.Series([self._odd.get(s, t) for s, t in zip(seqs, out["time"].to_list(), strict=True)], dtype=pl.String)
            )
        return out


def _events(plain: pl.DataFrame) -> list[Event]:
    return [Event(*row) for row in plain.iter_rows()]


def _begun(batches: pl.Series) -> np.ndarray:
    """Of each event, the place of the first one that was written in one batch with it: int32."""
    codes = batches.to_physical()
    others = (codes != codes.shift()).fill_null(value=True).to_numpy()
    return np.maximum.accumulate(np.where(others, np.arange(len(others), dtype=np.int32), np.int32(0)))
