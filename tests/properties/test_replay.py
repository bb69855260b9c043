"""Any sequence of decisions, undos and redos: what is kept event by event equals the full replay."""

from dataclasses import replace

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from polars.testing import assert_frame_equal

from labelscope.review import decisions, replay
from labelscope.review.events import FIELDS
from labelscope.review.journal import Decision, Journal
from labelscope.review.log import EventLog, columns
from labelscope.review.standing import Standing
from labelscope.review.verdicts import Verdicts

ITEMS, LABELS, REVIEWERS = "12", ("cat", "dog"), ("ann", "ben")
CELLS = [(item, label) for item in ITEMS for label in LABELS]
GIVEN = dict(zip(CELLS, (0, 1, -1, 0), strict=True))
TARGET = {cell: 0 if state == 1 else 1 for cell, state in GIVEN.items()}
SUGGESTED = pl.DataFrame(
    [(f"s{k}", *cell, "add" if TARGET[cell] == 1 else "remove") for k, cell in enumerate(CELLS)],
    schema=["suggestion_id", "item_id", "label", "action"],
    orient="row",
)


class Shelf:
    """A ledger in memory."""

    def __init__(self):
        self.kept = []

    def append(self, events):
        written = tuple(replace(event, seq=len(self.kept) + k + 1) for k, event in enumerate(events))
        self.kept.extend(written)
        return written

    def events(self, since=0):
        return tuple(self.kept[since:])


def still_open(frame):
    """Conflicts that nobody settled, by the frame of all decisions: reviewer, state and number of each opinion."""
    cell = ["item_id", "label"]
    held = frame.filter(~pl.col("undone") & (pl.col("verdict") != "skipped"))
    before = held.filter(pl.col("seq") < pl.col("seq").max().over(cell))  # what the last to decide could see

    def differing(opinions):
        last = opinions.unique([*cell, "reviewer"], keep="last", maintain_order=True)
        return last.filter(pl.col("after").n_unique().over(cell) > 1)

    left = differing(held).join(differing(before).select(cell).unique(), on=cell, how="anti", maintain_order="left")
    out = {}
    for item, label, *said in left.sort("seq").select(*cell, "reviewer", "after", "seq").iter_rows():
        out.setdefault((item, label), []).append(tuple(said))
    return out


def reopened(events, cut):
    """What stands when so many of the events were read at the opening, and the others came one by one."""
    while 0 < cut < len(events) and events[cut].batch is not None and events[cut - 1].batch == events[cut].batch:
        cut -= 1  # a batch is written in one transaction, and so read at once
    base, odd = columns({name: [getattr(event, name) for event in events[:cut]] for name in FIELDS})
    return Standing(EventLog(events[cut:], base=base, odd=odd))


def compare_all(events, standing):
    """What stands is what the full replay of the events says, in all and cell by cell."""
    latest = replay.latest(events)
    assert {cell: event for cell in CELLS if (event := standing.latest(cell))} == latest
    assert_frame_equal(replay.change_frame(standing.changed, standing.given), replay.changes(events))
    for reviewer in REVIEWERS:
        assert standing.undoable(reviewer) == replay.undoable(events, reviewer)
        assert standing.redoable(reviewer) == replay.redoable(events, reviewer)
    assert Verdicts(SUGGESTED, standing).counts() == Verdicts(SUGGESTED, Standing(events)).counts()
    active = replay.active(events)
    assert standing.n_changed == len(standing.changed)
    assert standing.active.tolist() == [event in active for event in events]
    assert_frame_equal(replay.told_changes(standing.changes), replay.changes(events))
    on = {cell: tuple(event for event in active if event.is_decision and event.cell == cell) for cell in CELLS}
    assert {cell: standing.on(cell) for cell in CELLS} == on
    several = [cell for cell in CELLS if len({event.reviewer for event in on[cell]}) > 1]
    assert {events[0].cell: list(events) for events in standing.contested} == {cell: list(on[cell]) for cell in several}
    first = replay.given(events)
    now = {cell: on[cell][-1].after if on[cell] else given for cell, given in first.items()}
    assert standing.cells.rows() == [(*cell, given, now[cell]) for cell, given in first.items()]
    assert standing.since(len(events) // 2) == events[len(events) // 2 :]
    opposed = {cell: [(e.reviewer, e.after, e.seq) for e in decisions.opposed(on[cell])] for cell in CELLS}
    assert {cell: said for cell, said in opposed.items() if said} == still_open(decisions.decisions(Standing(events), pl.String()))


class Review(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.shelf = Shelf()
        self.journals = [Journal(self.shelf, name, lambda cells: [GIVEN[cell] for cell in cells]) for name in REVIEWERS]
        self.verdicts = [Verdicts(SUGGESTED, journal.standing) for journal in self.journals]
        self.compared = [-1, -1]  # events that each journal knew when it was compared last

    @rule(
        who=st.sampled_from([0, 1]), kind=st.sampled_from(["accept", "reject", "skip"]), cells=st.lists(st.sampled_from(CELLS), max_size=3)
    )
    def decide(self, who, kind, cells):
        self.journals[who].decide([Decision(kind, cell, TARGET[cell]) for cell in cells])

    @rule(who=st.sampled_from([0, 1]), cell=st.sampled_from(CELLS), state=st.sampled_from([1, 0, -1]))
    def edit(self, who, cell, state):
        self.journals[who].decide([Decision("edit", cell, state)])

    @rule(who=st.sampled_from([0, 1]))
    def undo(self, who):
        self.journals[who].undo()

    @rule(who=st.sampled_from([0, 1]))
    def redo(self, who):
        self.journals[who].redo()

    @rule(who=st.sampled_from([0, 1]))
    def undo_then_redo(self, who):
        journal = self.journals[who]
        journal.sync()
        before = replay.latest(journal.events)
        if journal.undo():
            assert journal.redo()
        assert replay.latest(journal.events) == before

    @rule()
    def undo_everything(self):
        for journal in self.journals:
            while journal.undo():
                pass
        for journal in self.journals:
            journal.sync()
            assert {cell: journal.state(cell) for cell in CELLS} == GIVEN
            assert not journal.standing.changed
        assert replay.changes(self.shelf.kept).is_empty()

    @invariant()
    def numbers_increase(self):
        numbers = [event.seq for event in self.shelf.kept]
        assert numbers == sorted(set(numbers))

    @rule(thirds=st.sampled_from([1, 2, 3]))
    def what_is_read_from_columns_equals_what_is_replayed(self, thirds):
        events = self.journals[0].events
        compare_all(events, reopened(events, len(events) * thirds // 3))

    @invariant()
    def kept_equals_replayed(self):
        for who, journal in enumerate(self.journals):
            if len(journal.events) != self.compared[who]:  # what came since; events are never taken away
                compare_all(journal.events, journal.standing)
                self.compared[who] = len(journal.events)

    @invariant()
    def batches_are_together(self):
        for journal in self.journals:
            for event in journal.events[-6:]:
                batch = tuple(e for e in journal.events if e.batch == event.batch)
                assert journal.together(event) == ((event,) if event.batch is None else batch)

    @invariant()
    def accepted_means_at_the_target(self):
        for journal, verdicts in zip(self.journals, self.verdicts, strict=True):
            for k, cell in enumerate(CELLS):
                assert (verdicts.of(f"s{k}") == "accepted") == (journal.state(cell) == TARGET[cell])
            assert verdicts.counts() == Verdicts(SUGGESTED, Standing(journal.events)).counts()


def test_any_review():
    run_state_machine_as_test(Review, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
