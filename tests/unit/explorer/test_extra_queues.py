"""What to label next, and like items that were decided unlike, as queues."""

from __future__ import annotations

import numpy as np


def listed(ask, queue):
    body = ask("worklist", queue=queue, order="confidence").body
    return [(entry["row"], entry["label"]) for entry in body["entries"]]


def test_label_next_lists_items_with_unknown_cells_and_counts_them_once_it_was_asked_for(ask, board):
    assert ask("worklist", queue="all", order="data").body["counts"]["label_next"] is None
    assert listed(ask, "label_next") == [(1, 2)]
    assert board.decisions.counts().label_next == 1
    board.decisions.edit(1, 2, 0)
    assert listed(ask, "label_next") == []


def test_like_items_that_were_decided_unlike_are_found_by_the_progress_and_listed_together(ask, board):
    assert board.unlike.count == 0
    board.decisions.edit(2, 1, 1)
    board.decisions.edit(3, 1, 0)  # c and d lie in one direction
    board.decisions.edit(1, 1, 1)
    assert ask("progress").body["unlike"] == 2
    assert sorted(listed(ask, "unlike")) == [(2, 1), (3, 1)]
    assert board.decisions.counts().unlike == 2
    board.decisions.edit(3, 1, 1)
    assert ask("progress").body["unlike"] == 0


def test_a_card_shows_the_number_that_the_order_goes_by(ask, board):
    stated = [entry["suggestion"]["confidence"] for entry in ask("worklist", queue="pending", order="confidence").body["entries"]]
    assert stated == [0.9, 0.8, 0.6]
    ask("worklist", queue="pending", order="learned")
    board.worklist.likely = np.array([0.31, 0.8, 0.6])
    assert ask("decide", suggestion="s0", verdict="skip").body["entry"]["suggestion"]["confidence"] == 0.31
    again = ask("worklist", queue="skipped", order="confidence").body["entries"]
    assert [entry["suggestion"]["confidence"] for entry in again] == [0.9]
