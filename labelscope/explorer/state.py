"""What the Explorer knows between two requests: stage results as arrays, the selection, and what changed.

No widget in here, so that it can be tested without one. Worker threads hand in results by single assignments; the
kernel's thread reads them and records decisions. A decision is in the ledger before anything here changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from threading import Event as Signal
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.data.dataset import Dataset
from labelscope.data.positions import positions
from labelscope.errors import DataError, StageError
from labelscope.explorer import map_geometry
from labelscope.explorer.audit_sample import JUDGEMENTS, Sample
from labelscope.explorer.cards import Cards
from labelscope.explorer.changes_since_suggestions import News
from labelscope.explorer.colouring import colours
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.filters import Filters
from labelscope.explorer.label_column import states_of
from labelscope.explorer.open_conflicts import Conflicts
from labelscope.explorer.terms import Terms, holding
from labelscope.explorer.worklist import Worklist
from labelscope.space.similar import Similarity
from labelscope.views.item_colours import Colours

if TYPE_CHECKING:
    from labelscope.review.events import Event, Kind
    from labelscope.session import Session

__all__ = ["Board"]

NOTHING = dict.fromkeys(("suggestion_id", "item_id", "label", "action", "reason"), pl.String) | {"confidence": pl.Float32}


class Board:
    """State of one Explorer.

    Parameters
    ----------
    session : Session
    changed : callable
        Called whenever what the view shows is another.
    encoder : object, optional
        What made the embeddings that came with the data set, as for :func:`labelscope.explain`.
    wake : threading.Event, optional
        Set when there are decisions to :meth:`follow`.
    """

    def __init__(self, session: Session, changed: Callable[[], None], encoder: Any = None, wake: Signal | None = None) -> None:
        self.session = session
        self.encoder = encoder
        self.dataset: Dataset = session.dataset
        self._changed = changed
        self._settling = RLock()  # decisions come from the kernel's thread, those of others from the one that polls
        self._subscription = session.subscribe(wake)  # before what stands is read: what comes between is read twice, not never
        self.decided = DecidedCells(self.dataset, session.decided_cells)
        self.conflicts = Conflicts(session)
        self.cards = Cards(self.dataset, self.decided)
        self.suspicion = np.full(self.dataset.n_items, np.nan, np.float32)
        self.filters = Filters()
        self.terms = Terms(self)
        self.sample = Sample(session)
        self.searched = False  # whether the suspicious cells are known
        self.similarity: Similarity | None = None
        self.groups: np.ndarray | None = None  # of like items, once somebody wants to see them
        self.xy: np.ndarray | None = None
        self.map_method = ""
        self.versions = {"map": 0, "selection": 0, "worklist": 0, "decisions": 0, "pairs": 0}
        self.pairs: Any = None  # Cooccurrence
        self.relations: Any = None
        self.worklist = Worklist(self.dataset, pl.DataFrame(schema=NOTHING), self.suspicion, session.verdict, {})
        self.cards.worklist = self.worklist
        self.news = News(0)
        self._complete = False  # whether what lies beside the decisions is shown: it takes time to load, after the first view
        self._n_ruled: int | None = None  # verdicts on relations that are shown

    # What stages found -----------------------------------------------------------------------------------------

    def take_map(self, result: Any, method: str) -> None:
        """A map of the items."""
        self.xy, self.map_method = map_geometry.coordinates(result.frame, self.dataset.item_ids), method
        self._bump("map")

    def take_embeddings(self, embeddings: np.ndarray) -> None:
        """Embeddings of the items: what "similar" and evidence are looked up in."""
        self.similarity, self.groups = Similarity(embeddings), None

    def take_predictions(self, result: Any) -> None:
        """Out-of-fold probabilities."""
        self.cards.probabilities = result.probabilities

    def take_findings(self, result: Any) -> None:
        """Suspicious cells: what an item's suspicion is."""
        items, suspicion = result.items, np.full(self.dataset.n_items, np.nan, np.float32)
        found = items["suspicion"].cast(pl.Float32).fill_null(float("nan")).to_numpy()
        if items["item_id"].equals(self.dataset.item_ids):
            suspicion[:] = found
        else:
            suspicion[positions(items["item_id"], self.dataset.item_ids, expected="findings: expected items", remedy="search this one")] = (
                found
            )
        self.suspicion = suspicion
        self.searched = True

    def take_suggestions(self, result: Any) -> None:
        """Relabel suggestions: the worklist."""
        missed = self.session.subscribe()
        worklist = Worklist(self.dataset, result.frame, self.suspicion, self.session.verdict, self.session.verdicts)
        with self._settling:  # nobody waits while the list is made: what was decided meanwhile is looked up now
            self._renew(worklist, self.session.located(missed.read()))
            self.worklist = self.cards.worklist = worklist
        self.news = News(self.n_decided)
        self._bump("worklist")

    def take_cooccurrence(self, pairs: Any) -> None:
        """Co-occurrence of the labels."""
        self.pairs = pairs

    def take_relations(self, relations: Any) -> None:
        """The relations between the labels; with the co-occurrence, the label pairs are complete."""
        self.relations = relations
        self._bump("pairs")

    # Decisions -------------------------------------------------------------------------------------------------

    def decide(self, suggestion_id: str, verdict: str) -> tuple[int, int]:
        """Accept, reject or skip a suggestion: its position, and how many were decided, once the ledger has them."""
        position = self.worklist.position(suggestion_id)
        return position, self.decide_all(np.array([position]), verdict)

    def decide_all(self, suggestions: np.ndarray, verdict: str) -> int:
        """Accept, reject or skip suggestions, by position: all or none, with one undo; how many that were.

        What an accepted one makes necessary is accepted with it.
        """
        kinds: dict[str, Kind] = {"accept": "accept", "reject": "reject", "skip": "skip"}
        if verdict not in kinds:
            raise DataError(f"decide: expected accept, reject or skip, got {verdict!r}")
        if verdict == "accept":
            suggestions = self.worklist.with_companions(suggestions)
        self.session.decide(kinds[verdict], self.worklist.frame["suggestion_id"].gather(suggestions).to_list())
        self.follow()
        return len(suggestions)

    def edit(self, row: int, label: int, state: int) -> None:
        """Set a cell to a state, by the person."""
        self.check(row, label)
        if state not in (1, 0, -1):
            raise DataError(f"edit: expected the state 1, 0 or -1, got {state}")
        self.session.edit(self.dataset.item_ids[row], self.dataset.label_names[label], state)
        self.follow()

    def judge(self, row: int, label: int, judgement: str) -> None:
        """Say of a cell of the audit sample that its given state is right, wrong or undecidable."""
        if judgement not in JUDGEMENTS:
            raise DataError(f"judge: expected one of {', '.join(JUDGEMENTS)}, got {judgement!r}")
        if (row, label) not in self.sample:
            raise DataError("judge: expected a cell of the audit sample, got another; refresh the list")
        item, name = self.dataset.item_ids[row], self.dataset.label_names[label]
        if judgement == "undecidable":
            self.session.undecided(item, name)
        elif judgement == "right":
            self.session.confirm(item, name)
        else:
            self.session.edit(item, name, 1 - self._given(row, label))
        self.sample.hear((row, label), judgement)
        self.follow()

    def question(self, row: int, label: int) -> dict[str, Any]:
        """The card of a cell of the audit sample."""
        judgement = self.sample.judgement((row, label))
        return self.cards.question(row, label, given=self._given(row, label), judgement=judgement)

    def drawn(self) -> None:
        """Show the audit sample that stands, and the verdicts on relations; from the first call on :meth:`sync` does."""
        self._complete = True
        with self._settling:
            another = self.sample.renew()
        if another:
            self._bump("decisions")
        self.ruled()

    def ruled(self) -> None:
        """Show what was said of relations since the last call: that they hold, or that they do not. The first call shows nothing."""
        with self._settling:
            said = self.session.rules.events
            new = said[len(said) if self._n_ruled is None else self._n_ruled :]
            self._n_ruled = len(said)
            # a relation is withdrawn by as many undos as there were verdicts on it: said once
            self.news.n_relations += sum(1 for _ in groupby(new, lambda event: (event.key, event.seq if event.is_decision else 0)))
        if new:
            self._bump("pairs")

    @property
    def n_decided(self) -> int:
        """Number of suggestions accepted or rejected."""
        counts = self.worklist.counts()
        return counts["accepted"] + counts["rejected"]

    def step_back(self) -> dict[str, Any] | None:
        """Undo the last decision, or batch of them: what it was about, or None."""
        return self._stepped(self.session.undo())

    def step_forward(self) -> dict[str, Any] | None:
        """Redo what was undone last: what it was about, or None."""
        return self._stepped(self.session.redo())

    def sync(self) -> int:
        """Take in what others decided on the same ledger, and show it; how many decisions are new here."""
        self.session.catch_up()
        if self._complete:
            self.session.rules.sync()
            self.drawn()
        return self.follow()

    def follow(self) -> int:
        """Show every decision that this session knows and that is new here, whoever made it and where; how many those were."""
        with self._settling:
            events = self._subscription.read()
            cells = list(dict.fromkeys(self.session.located(events)))
            for row, label in cells:
                standing = self.session.decisions_on(row, label)
                self.decided.put(row, label, self.session.state_at(row, label))
                self.conflicts.put(row, label, standing)
                if (row, label) in self.sample:
                    self.sample.put((row, label), judged=any(event.kind != "label" for event in standing))
            self._renew(self.worklist, cells)
            self.versions["decisions"] += len(events)  # so a view that decided knows whether others did as well
        if events:
            self._changed()
        return len(events)

    def progress(self) -> dict[str, int]:
        """Counts of the queues, and of the cells that are other than given."""
        return {
            **self.worklist.counts(self.mask),
            **self.sample.counts(),
            "conflicts": self.conflicts.count(self.mask),
            "changed": int(self.session.progress["n_changed"]),
        }

    def tally(self) -> dict[str, Any]:
        """What every reply about decisions says: the counts, and the number of the newest decision known here."""
        return {"counts": self.progress(), "decisions": self.versions["decisions"]}

    # Selection -------------------------------------------------------------------------------------------------

    @property
    def mask(self) -> np.ndarray | None:
        """The selected items, bool (n_items,); None without a selection."""
        return self.filters.mask

    def select(self, mask: np.ndarray | None, title: str = "From Python") -> None:
        """Make these the selected items, whatever was selected before (None: no selection)."""
        self.filters.clear()
        if mask is not None:
            self.filters.put("python", title, mask)
        self.narrowed()

    def renamed(self) -> None:
        """Somebody else reviews."""
        self._changed()

    def narrowed(self) -> None:
        """The filters are others."""
        self._bump("selection")

    def lasso(self, polygon: np.ndarray) -> np.ndarray:
        """The items inside a polygon on the map.

        Raises
        ------
        StageError
            If there is no map yet.
        """
        if self.xy is None:
            raise StageError("lasso: expected a map, got none yet; wait for it")
        return map_geometry.inside(self.xy, polygon)

    def near(self, stroke: np.ndarray, radius: float) -> np.ndarray:
        """The items within a distance of a stroke on the map. Raises as :meth:`lasso`."""
        if self.xy is None:
            raise StageError("brush: expected a map, got none yet; wait for it")
        return map_geometry.near(self.xy, stroke, radius)

    def n_selected(self) -> int | None:
        """Number of selected items, None without a selection."""
        return None if self.mask is None else int(self.mask.sum())

    def similar(self, row: int, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The items most like one: rows and cosine similarities.

        Raises
        ------
        StageError
            If there are no embeddings (yet).
        """
        if self.similarity is None:
            raise StageError("similar: expected embeddings, got none yet; wait for the map, or give embeddings=, text= or image=")
        return self.similarity.nearest(row, k)

    # Labels as they stand --------------------------------------------------------------------------------------

    def states(self, label: int) -> np.ndarray:
        """State of one label on every item now, int8 (n_items,)."""
        return states_of(self.dataset.labels, label, self.decided.of_label(label))

    def colours(self, by: str, label: int = 0, column: str = "") -> Colours:
        """Codes of all items for the map; see :func:`labelscope.explorer.colouring.colours`."""
        return colours(self, by, label, column)

    def find(self, query: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
        """Which entries a search keeps: those whose item id is the query, or whose text or suggested label holds it."""
        words = query.strip().lower()
        if not words:
            return None
        items = holding(self.dataset, words) | (self.dataset.item_ids.cast(pl.String).str.to_lowercase() == words).to_numpy()
        named = np.asarray([words in name.lower() for name in self.dataset.label_names] + [False])
        labels = np.append(self.worklist.labels, self.dataset.n_labels)  # the last stands for "no suggestion"
        return lambda suggestions, rows: items[rows] | named[labels[suggestions]]

    def found(self, query: str) -> np.ndarray | None:
        """The items that a search finds, bool (n_items,): by their id, their text or a label suggested for them. None for no words."""
        keeps = self.find(query)
        if keeps is None:
            return None
        rows = np.arange(self.dataset.n_items)
        mask = keeps(np.full(len(rows), -1, np.int64), rows)
        suggestions = np.arange(self.worklist.frame.height)
        mask[self.worklist.rows[keeps(suggestions, self.worklist.rows)]] = True
        return mask

    # Inside ----------------------------------------------------------------------------------------------------

    @staticmethod
    def _renew(worklist: Worklist, cells: Sequence[tuple[int, int]]) -> None:
        """Look up the verdicts on some cells anew."""
        if cells:
            worklist.refresh(np.unique(np.concatenate([worklist.of_row(row) for row, _ in cells])))

    def _given(self, row: int, label: int) -> int:
        return int(self.dataset.labels.states(np.array([row]), np.array([label]))[0])

    def _stepped(self, event: Event | None) -> dict[str, Any] | None:
        if event is None:
            return None
        self.follow()
        together = self.session.together(event)
        row, label = next(iter(self.session.located([event])), (self._row_of(together), -1))
        of_label = [int(i) for i in self.worklist.of_row(row) if self.worklist.labels[i] == label]
        return {"row": row, "label": event.label, "suggestion": of_label[0] if of_label else -1, "n": len(together)}

    def _row_of(self, events: Sequence[Event]) -> int:
        """An item that an edit of the label set is about, for labels that the data set was not read with."""
        return next((self.dataset.position(event.item_id) for event in events if not event.of_label_set), 0)

    def check(self, row: int, label: int) -> None:
        """Refuse a cell that is not in the data set."""
        if not 0 <= row < self.dataset.n_items or not 0 <= label < self.dataset.n_labels:
            last = f"an item up to {self.dataset.n_items - 1} and a label up to {self.dataset.n_labels - 1}"
            raise DataError(f"cell: expected {last}, got {row} and {label}; reload the view")

    def _bump(self, what: str) -> None:
        self.versions[what] += 1
        self._changed()
