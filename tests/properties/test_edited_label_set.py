"""Any order of edits of the label set, decisions on cells, undos and redos replays to the same data set."""

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from labelscope.data.dataset import Dataset
from labelscope.errors import DataError
from labelscope.review import replay
from labelscope.review.edited_label_set import EditedLabelSet
from labelscope.review.events import LABEL_SET
from labelscope.review.label_edit import LabelEdit
from labelscope.review.replay_index import ReplayIndex
from labelscope.review.reviewer_log import Decision, ReviewerLog
from tests.properties.test_replay import Shelf

GIVEN = Dataset.from_arrays(np.array([[1, 0, 1], [0, -1, 1], [-1, 1, 0], [0, 0, 0]]), label_names=["cat", "dog", "pet"])
NAMES = ("cat", "dog", "pet", "owl", "elk")
ITEMS = tuple(range(GIVEN.n_items))
WHO = st.sampled_from([0, 1])
NAME, ITEM = st.sampled_from(NAMES), st.sampled_from(ITEMS)
GROUP = st.sets(ITEM, min_size=1, max_size=3)


class Archive(Shelf):
    """A ledger in memory that keeps edits of the label set too."""

    def __init__(self):
        super().__init__()
        self.edits = []

    def append(self, events, edit=None):
        if edit is not None:
            self.edits.append(edit)
        return super().append(events)

    def label_edits(self):
        return tuple(self.edits)


def opened(archive, name):
    """A label set on a ledger, as a new process would read it."""

    def given(cells):  # the reviewer's log asks the label set, which is made from that log
        return label_set.given(cells)

    reviewer_log = ReviewerLog(archive, name, given)
    label_set = EditedLabelSet(GIVEN, reviewer_log)
    return label_set, reviewer_log


def states(label_set):
    """All cells of the labels that are there."""
    now = label_set.dataset
    return {(i, name): int(of) for k, name in enumerate(now.label_names) for i, of in enumerate(now.labels.columns(np.array([k]))[:, 0])}


class Editing(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.archive = Archive()
        self.sets, self.reviewer_logs = zip(*(opened(self.archive, name) for name in ("ann", "ben")), strict=True)

    def apply(self, who, edit):
        """Apply an edit if it can be: then it does what its preview says, and undo takes all of it back."""
        label_set, reviewer_log = self.sets[who], self.reviewer_logs[who]
        reviewer_log.sync()
        before = states(label_set)
        try:
            preview = label_set.plan(edit)
        except DataError:
            n_events = len(self.archive.kept)
            try:
                label_set.apply(edit)
            except DataError:
                assert len(self.archive.kept) == n_events
                return
            raise AssertionError("applied what could not be planned") from None
        assert states(label_set) == before
        label_set.apply(edit)
        after = states(label_set)
        for name, positives in zip(preview.counts["label"], preview.counts["after"], strict=True):
            assert (name in label_set.names) == (positives is not None)
            assert sum(after.get((i, name)) == 1 for i in ITEMS) == (positives or 0)
        concerned = set(preview.counts["label"])
        assert {cell: state for cell, state in after.items() if cell[1] not in concerned} == {
            cell: state for cell, state in before.items() if cell[1] not in concerned
        }
        reviewer_log.undo()
        assert states(label_set) == before
        reviewer_log.redo()
        assert states(label_set) == after

    @rule(who=WHO, name=NAME, items=GROUP)
    def new(self, who, name, items):
        self.apply(who, LabelEdit.new(name, items))

    @rule(who=WHO, label=NAME, into=NAME, kind=st.sampled_from([LabelEdit.merge, LabelEdit.rename]))
    def move(self, who, label, into, kind):
        self.apply(who, kind(label, into))

    @rule(who=WHO, label=NAME, into=NAME, rest=NAME, items=GROUP, parent=st.sampled_from(["narrows", "stays", "goes"]))
    def split(self, who, label, into, rest, items, parent):
        parts = {rest: set(ITEMS) - items} if len(items) < len(ITEMS) else {}
        self.apply(who, LabelEdit.split(label, parts | {into: items}, parent=parent))

    @rule(who=WHO, item=ITEM, name=NAME, state=st.sampled_from([1, 0, -1]))
    def edit_cell(self, who, item, name, state):
        self.reviewer_logs[who].sync()
        if name in self.sets[who].names:
            self.reviewer_logs[who].decide([Decision("edit", (str(item), name), state)])
            assert states(self.sets[who])[item, name] == state

    @rule(who=WHO)
    def undo(self, who):
        self.reviewer_logs[who].undo()

    @rule(who=WHO)
    def redo(self, who):
        self.reviewer_logs[who].redo()

    @rule()
    def undo_everything(self):
        for reviewer_log in self.reviewer_logs:
            while reviewer_log.undo():
                pass
        for label_set, reviewer_log in zip(self.sets, self.reviewer_logs, strict=True):
            reviewer_log.sync()
            assert label_set.names == GIVEN.label_names
            assert (label_set.dataset.labels.dense() == GIVEN.labels.dense()).all()
            assert label_set.frame["undone"].all()

    @invariant()
    def every_process_sees_the_same(self):
        fresh, _ = opened(self.archive, "eve")
        for label_set, reviewer_log in zip(self.sets, self.reviewer_logs, strict=True):
            reviewer_log.sync()
            assert label_set.names == fresh.names
            assert states(label_set) == states(fresh)
            assert reviewer_log.index.label_set == replay.label_set(reviewer_log.events) == ReplayIndex(reviewer_log.events).label_set

    @invariant()
    def what_stands_is_the_last_active_event(self):
        fresh, reviewer_log = opened(self.archive, "eve")
        last = replay.latest(reviewer_log.events)
        for name in NAMES:
            event = last.get((LABEL_SET, name))
            assert (name in fresh.names) == (bool(event.after) if event else name in GIVEN.label_names)
        for (item, name), state in states(fresh).items():
            event = last.get((str(item), name))
            assert state == (event.after if event else fresh.first(name)[item])


def test_any_order_of_edits_and_decisions():
    chosen = settings(max_examples=40, stateful_step_count=15, deadline=None, phases=[Phase.generate])  # to shrink takes minutes
    run_state_machine_as_test(Editing, settings=chosen)
