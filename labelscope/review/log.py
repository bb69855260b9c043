"""The events of a ledger in their order, a million of them in little memory: columns, of which an event is made when it is asked for.

What was there at the opening lies in columns; what comes afterwards is a list of events.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import polars as pl

from labelscope.review.events import FIELDS, Event, Kind

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
_ALONE = 2**32 - 1  # in place of the code of a batch, where an event was written alone
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
        self._tail = list(events)
        self._late = self.base.clear()  # the first of them as columns
        self._seqs = self.base["seq"].to_numpy()
        self._batches = self.base["batch"].to_physical().fill_null(_ALONE).to_numpy()

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

    def append(self, event: Event) -> None:
        """Take in the next event."""
        self._tail.append(event)

    def copy(self) -> EventLog:
        """The same events, to go on with separately; the columns are shared."""
        return EventLog(self._tail, base=self.base, odd=self._odd)

    def parted(self) -> tuple[EventLog, tuple[Event, ...]]:
        """The columns alone, to go on with separately, and the events that came after them."""
        return EventLog(base=self.base, odd=self._odd), tuple(self._tail)

    def place(self, seq: int) -> int:
        """Place of the event of a number, -1 if there is none."""
        if self._tail and seq >= self._tail[0].seq:
            k = bisect_left(self._tail, seq, key=lambda event: event.seq)
            return len(self._seqs) + k if k < len(self._tail) and self._tail[k].seq == seq else -1
        k = int(np.searchsorted(self._seqs, seq))
        return k if k < len(self._seqs) and self._seqs[k] == seq else -1

    def of(self, seq: int) -> Event:
        """The event of a number that is there."""
        return self[self.place(seq)]

    def since(self, seq: int) -> tuple[Event, ...]:
        """The events after number `seq`. Costs what came since."""
        if self._tail and seq >= self._tail[0].seq - 1:
            return tuple(self._tail[bisect_right(self._tail, seq, key=lambda event: event.seq) :])
        return self[int(np.searchsorted(self._seqs, seq, side="right")) :]

    def run(self, place: int) -> range:
        """The places of the events that were written in one batch with this one: one transaction wrote them, one after the other."""
        batch = self._batch(place)
        if batch is None:
            return range(place, place + 1)
        first, last = place, place + 1
        while first > 0 and self._batch(first - 1) == batch:
            first -= 1
        while last < len(self) and self._batch(last) == batch:
            last += 1
        return range(first, last)

    def take(self, places: np.ndarray) -> list[Event]:
        """The events at some places."""
        n = len(self._seqs)
        early = places[places < n]
        made = iter(_events(self._plain(self.base[early])) if len(early) else ())
        return [next(made) if place < n else self._tail[place - n] for place in places.tolist()]

    def frame(self, places: np.ndarray | None = None) -> pl.DataFrame:
        """The events at some places, or all, by field: times and names as text."""
        n = len(self._seqs)
        base = self.base if places is None else self.base[places[places < n]]
        tail = self._tail if places is None else [self._tail[place - n] for place in places[places >= n].tolist()]
        out = self._plain(base)
        if not tail:
            return out
        late = pl.DataFrame([[getattr(event, name) for event in tail] for name in FIELDS], schema=_PLAIN)
        both = pl.concat([out, late])
        if places is None:
            return both
        order = np.argsort(np.concatenate([np.flatnonzero(places < n), np.flatnonzero(places >= n)]))
        return both[order]

    def compact(self) -> pl.DataFrame:
        """All events as the columns that :func:`columns` makes: no text is made of numbers. Costs what came since the last call."""
        new = self._tail[self._late.height :]
        if new:
            made, _ = columns({name: [getattr(event, name) for event in new] for name in FIELDS})
            self._late = pl.concat([self._late, made])
        return pl.concat([self.base, self._late], rechunk=False) if self._late.height else self.base

    def _batch(self, place: int) -> int | str | None:
        n = len(self._seqs)
        if place >= n:
            return self._tail[place - n].batch
        code = int(self._batches[place])
        return None if code == _ALONE else code

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
