"""How good models are on the labels and on the truth, and which of two is better."""

from __future__ import annotations

from labelscope.explorer.messages import Averaged
from labelscope.explorer.replies.reply import ReplyBody

__all__ = ["ModelLabel", "ModelPair", "ModelRow", "ModelTable"]

Estimated = tuple[float, float, float]


class ModelRow(ReplyBody, frozen=True):
    """A model by one metric: counted on the labels as given and as they stand, estimated on the truth with its limits."""

    model: str
    metric: str
    given: float | None
    corrected: float | None
    truth: Estimated | None


class ModelPair(ReplyBody, frozen=True):
    """Two models by one metric on the truth: difference with its limits, which is better (null: not decided), and that in words."""

    model: str
    other: str
    metric: str
    difference: Estimated | None
    better: str | None
    says: str


class ModelLabel(ReplyBody, frozen=True):
    """F1 of the models for one label, each as in the table of all; `n_audited`: audited cells of the label."""

    label: int
    name: str
    n_audited: int
    rows: list[ModelRow]


class ModelTable(ReplyBody, frozen=True):
    """All models; `why`: what it would take to judge them on the truth, where that is not known.

    `averages`: which there are; `confidence`: of each interval; `n_more_labels`: labels beyond those listed.
    """

    why: str
    average: Averaged
    averages: list[Averaged]
    n_audited: int
    confidence: float
    rows: list[ModelRow]
    pairs: list[ModelPair]
    labels: list[ModelLabel]
    n_more_labels: int
