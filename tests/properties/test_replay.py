"""Any sequence of decisions, undos and redos: what is kept event by event equals the full replay."""

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from labelscope.review import decisions, replay
from labelscope.review.events import FIELDS, judgement
from labelscope.review.log import EventLog, columns
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.reviewer_log import Decision, ReviewerLog
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
    return ReplayIndex(EventLog(events[cut:], base=base, odd=odd))


def compare_all(events, index):
    """What stands is what the full replay of the events says, in all and cell by cell."""
    latest = replay.latest(events)
    assert {cell: event for cell in CELLS if (event := index.latest(cell))} == latest
    assert_frame_equal(replay.change_frame(index.changed, index.given), replay.changes(events))
    for reviewer in REVIEWERS:
        assert index.undoable(reviewer) == replay.undoable(events, reviewer)
        assert index.redoable(reviewer) == replay.redoable(events, reviewer)
    assert Verdicts(SUGGESTED, index).counts() == Verdicts(SUGGESTED, ReplayIndex(events)).counts()
    active = replay.active(events)
    assert index.n_changed == len(index.changed)
    assert index.active.tolist() == [event in active for event in events]
    assert_frame_equal(replay.told_changes(index.changes), replay.changes(events))
    on = {cell: tuple(event for event in active if event.is_decision and event.cell == cell) for cell in CELLS}
    assert {cell: index.on(cell) for cell in CELLS} == on
    judged = {cell: event for cell in CELLS if (event := judgement(on[cell]))}
    by_index = {cell: event for cell in CELLS if (event := index.judged(cell))}
    assert by_index == judged
    told = {(item, label): (kind, after) for item, label, kind, after, _ in index.judgements.iter_rows()}
    assert told == {cell: (event.kind, event.after) for cell, event in judged.items()}
    several = [cell for cell in CELLS if len({event.reviewer for event in on[cell]}) > 1]
    assert {events[0].cell: list(events) for events in index.contested} == {cell: list(on[cell]) for cell in several}
    first = replay.given(events)
    now = {cell: on[cell][-1].after if on[cell] else given for cell, given in first.items()}
    assert index.cells.rows() == [(*cell, given, now[cell]) for cell, given in first.items()]
    assert index.since(len(events) // 2) == events[len(events) // 2 :]
    opposed = {cell: [(e.reviewer, e.after, e.seq) for e in decisions.opposed(on[cell])] for cell in CELLS}
    assert {cell: said for cell, said in opposed.items() if said} == still_open(decisions.decisions(ReplayIndex(events), pl.String()))


class Review(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.shelf = Shelf()
        self.reviewer_logs = [ReviewerLog(self.shelf, name, lambda cells: [GIVEN[cell] for cell in cells]) for name in REVIEWERS]
        self.verdicts = [Verdicts(SUGGESTED, reviewer_log.index) for reviewer_log in self.reviewer_logs]
        self.compared = [-1, -1]  # events that each log knew when it was compared last

    @rule(
        who=st.sampled_from([0, 1]),
        kind=st.sampled_from(["accept", "reject", "skip"]),
        cells=st.lists(st.sampled_from(CELLS), max_size=3),
        answers=st.booleans(),
    )
    def decide(self, who, kind, cells, answers):
        decided = [Decision(kind, cell, TARGET[cell], f"s{CELLS.index(cell)}" if answers else None) for cell in cells]
        self.reviewer_logs[who].decide(decided)

    @rule(who=st.sampled_from([0, 1]), cell=st.sampled_from(CELLS), state=st.sampled_from([1, 0, -1]))
    def edit(self, who, cell, state):
        self.reviewer_logs[who].decide([Decision("edit", cell, state)])

    @rule(who=st.sampled_from([0, 1]))
    def undo(self, who):
        self.reviewer_logs[who].undo()

    @rule(who=st.sampled_from([0, 1]))
    def redo(self, who):
        self.reviewer_logs[who].redo()

    @rule(who=st.sampled_from([0, 1]))
    def undo_then_redo(self, who):
        reviewer_log = self.reviewer_logs[who]
        reviewer_log.sync()
        before = replay.latest(reviewer_log.events)
        if reviewer_log.undo():
            assert reviewer_log.redo()
        assert replay.latest(reviewer_log.events) == before

    @rule()
    def undo_everything(self):
        for reviewer_log in self.reviewer_logs:
            while reviewer_log.undo():
                pass
        for reviewer_log in self.reviewer_logs:
            reviewer_log.sync()
            assert {cell: reviewer_log.state(cell) for cell in CELLS} == GIVEN
            assert not reviewer_log.index.changed
        assert replay.changes(self.shelf.kept).is_empty()

    @invariant()
    def numbers_increase(self):
        numbers = [event.seq for event in self.shelf.kept]
        assert numbers == sorted(set(numbers))

    @rule(thirds=st.sampled_from([1, 2, 3]))
    def what_is_read_from_columns_equals_what_is_replayed(self, thirds):
        events = self.reviewer_logs[0].events
        compare_all(events, reopened(events, len(events) * thirds // 3))

    @invariant()
    def kept_equals_replayed(self):
        for who, reviewer_log in enumerate(self.reviewer_logs):
            if len(reviewer_log.events) != self.compared[who]:  # what came since; events are never taken away
                compare_all(reviewer_log.events, reviewer_log.index)
                self.compared[who] = len(reviewer_log.events)

    @invariant()
    def batches_are_together(self):
        for reviewer_log in self.reviewer_logs:
            for event in reviewer_log.events[-6:]:
                batch = tuple(e for e in reviewer_log.events if e.batch == event.batch)
                assert reviewer_log.together(event) == ((event,) if event.batch is None else batch)

    @invariant()
    def accepted_means_at_the_target(self):
        for reviewer_log, verdicts in zip(self.reviewer_logs, self.verdicts, strict=True):
            for k, cell in enumerate(CELLS):
                assert (verdicts.of(f"s{k}") == "accepted") == (reviewer_log.state(cell) == TARGET[cell])
            assert verdicts.counts() == Verdicts(SUGGESTED, ReplayIndex(reviewer_log.events)).counts()


def test_any_review():
    run_state_machine_as_test(Review, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
