"""What one entry of the worklist shows: the item, the proposed change, and the labels that matter for it.

An item of a data set with thousands of labels gets a handful of chips: what is suggested, what it has, what somebody
changed, and what the model thinks likely. The rest is a search away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from labelscope.data.dataset import Dataset
from labelscope.data.labels import POSITIVE
from labelscope.explorer.decided import DecidedCells
from labelscope.explorer.open_conflicts import Conflicts
from labelscope.explorer.stage_results import StageResults
from labelscope.explorer.worklist import VERDICTS, Suggested, Worklist
from labelscope.views.item_text import item_text

__all__ = ["Cards"]

TEXT_LENGTH = 420
N_CHIPS = 14
N_LIKELY = 4


class Cards:
    """Makes the cards of one data set.

    Parameters
    ----------
    dataset : Dataset
    decided : DecidedCells
    suggested : Suggested
    results : StageResults
        Its probabilities are on the chips.
    """

    def __init__(self, dataset: Dataset, decided: DecidedCells, suggested: Suggested, results: StageResults) -> None:
        self._dataset, self._decided, self._suggested, self._results = dataset, decided, suggested, results

    def entry(self, row: int, suggestion: int = -1, *, label: int = -1, conflicts: Conflicts | None = None) -> dict[str, Any]:
        """The card of an item.

        Parameters
        ----------
        row : int
        suggestion : int
            Position of the suggestion it is about; -1 for none.
        label : int
            Label it is about, if any; that of the suggestion goes without saying.
        conflicts : Conflicts, optional
            The open disagreements: the card says who says what.
        """
        label = int(self._suggested.worklist.labels[suggestion]) if suggestion >= 0 else label
        if label < 0 and conflicts is not None:
            label = next((of for of in self._decided.of_row(row) if (row, of) in conflicts), -1)
        return {
            **self._item(row),
            "label": label,
            "suggestion": None if suggestion < 0 else self.suggestion(suggestion),
            "conflict": self._conflict(row, label, conflicts),
            "chips": self._chips(row, label),
        }

    def question(self, row: int, label: int, judgement: str | None) -> dict[str, Any]:
        """The card of a cell to judge blindly: the item, the label and its given state, and nothing that a model says.

        Parameters
        ----------
        row, label : int
        judgement : str or None
            What was said of it.
        """
        audit = {
            "label": label,
            "name": self._dataset.label_names[label],
            "given": self._dataset.labels.state(row, label),
            "judgement": judgement,
        }
        return {**self._item(row), "label": label, "suggestion": None, "conflict": None, "chips": [], "audit": audit}

    def text(self, row: int) -> str:
        """The item in words: its text, or its columns where it has neither text nor image."""
        return item_text(self._dataset, row, separator="\n", n_columns=6)

    def title(self, row: int) -> dict[str, Any]:
        """What the map shows when the pointer rests on an item."""
        names = self._dataset.label_names
        columns = list(dict.fromkeys([*self._row_labels(row), *self._decided.of_row(row)]))
        now = [names[k] for k, state in zip(columns, self._states_of(row, columns), strict=True) if state == POSITIVE]
        return {"row": row, "item": str(self._dataset.item_ids[row]), "text": self.text(row)[:180], "labels": now[:8], "n_labels": len(now)}

    def chip(self, row: int, label: int) -> dict[str, Any]:
        """One label of an item."""
        return self._chip(row, label, self._states_of(row, [label])[0])

    def _item(self, row: int) -> dict[str, Any]:
        text = self.text(row)
        return {
            "row": row,
            "item": str(self._dataset.item_ids[row]),
            "text": text[:TEXT_LENGTH],
            "more": max(0, len(text) - TEXT_LENGTH),
            "image": self._dataset.image is not None,
        }

    def _chip(self, row: int, label: int, state: int) -> dict[str, Any]:
        chip: dict[str, Any] = {"label": label, "name": self._dataset.label_names[label], "state": state}
        if self._results.probabilities is not None:
            chip["probability"] = round(float(self._results.probabilities[row, label]), 3)
        return chip

    def _conflict(self, row: int, label: int, conflicts: Conflicts | None) -> dict[str, Any] | None:
        opinions = [] if conflicts is None else conflicts.of(row, label)
        return {"label": label, "name": self._dataset.label_names[label], "opinions": opinions} if opinions else None

    def suggestion(self, position: int) -> dict[str, Any]:
        """A suggestion by position, with the verdict on it."""
        worklist = self._suggested.worklist
        row = worklist.frame.row(position, named=True)
        return {
            "id": row["suggestion_id"],
            "label": int(worklist.labels[position]),
            "name": row["label"],
            "action": row["action"],
            "confidence": None if row["confidence"] is None else round(float(row["confidence"]), 4),
            "reason": row["reason"] or "",
            "verdict": VERDICTS[worklist.verdicts[position]],
            "with": [_change(worklist, int(i)) for i in worklist.with_companions(np.array([position]))[1:]],
        }

    def _chips(self, row: int, label: int) -> list[dict[str, Any]]:
        worklist = self._suggested.worklist
        suggested = {int(worklist.labels[i]): i for i in worklist.of_row(row)}
        first = [label] if label >= 0 else []
        ranked = dict.fromkeys([*first, *suggested, *self._decided.of_row(row), *self._row_labels(row), *self._likely(row)])
        labels = list(ranked)[:N_CHIPS]
        chips = []
        for k, state in zip(labels, self._states_of(row, labels), strict=True):
            chip = self._chip(row, k, state)
            if k in suggested and worklist.verdicts[suggested[k]] == 0:
                chip["suggested"] = "add" if worklist.adds[suggested[k]] else "remove"
            chips.append(chip)
        return chips

    def _row_labels(self, row: int) -> list[int]:
        positives = self._dataset.labels.positives
        return [int(k) for k in positives.indices[positives.indptr[row] : positives.indptr[row + 1]]]

    def _likely(self, row: int) -> list[int]:
        """The labels that the model thinks likeliest, or the first ones where there is no model (and few labels)."""
        if self._results.probabilities is None:
            return list(range(min(self._dataset.n_labels, N_LIKELY)))
        values = self._results.probabilities[row]
        best = np.argpartition(-values, min(N_LIKELY, len(values)) - 1)[:N_LIKELY]
        return [int(k) for k in best[np.argsort(-values[best], kind="stable")]]

    def _states_of(self, row: int, labels: Sequence[int]) -> list[int]:
        """States of some labels of an item now: as given, except where somebody decided."""
        columns = np.asarray(labels, np.int64)
        states: list[int] = self._dataset.labels.states(np.full(len(columns), row), columns).tolist()
        decided = self._decided.of_row(row)
        return [decided.get(label, state) for label, state in zip(labels, states, strict=True)]


def _change(worklist: Worklist, position: int) -> dict[str, Any]:
    name = worklist.frame["label"][position]
    return {"label": int(worklist.labels[position]), "name": name, "action": "add" if worklist.adds[position] else "remove"}
