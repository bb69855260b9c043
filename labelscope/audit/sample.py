"""The audit: a sample of cells for a person to look at, which turns suspicion into numbers with intervals.

A model's own error count cannot be shown to anybody: the confident joint overstates wrong cells two to six times, sums of
posteriors understate them by half, and nothing in the data says which. A couple of hundred verdicts do. The cells are
drawn where errors are likely and everywhere else too (:mod:`labelscope.audit.strata`), and what comes out is exact for
that way of drawing (:mod:`labelscope.audit.population_total`), whatever the model is worth.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from labelscope.audit.estimate import AuditEstimate, estimate
from labelscope.audit.strata import AuditConfig, Drawn, Strata, draw, flagged_cells, stratify
from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.frames import to_polars
from labelscope.data.labels import POSITIVE
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.issues.find import Findings, find_issues

__all__ = ["Audit", "AuditConfig", "Judgement", "audit"]

Judgement = Literal["right", "wrong", "undecidable"]
JUDGEMENTS = get_args(Judgement)
CELLS = {
    "label": pl.String, "given": pl.Int8, "kind": pl.String, "suspicion": pl.Float32, "flagged": pl.Boolean, "part": pl.String,
    "stratum": pl.Int64, "inclusion": pl.Float64,
}  # fmt: skip
STRATA = {
    "stratum": pl.Int64, "kind": pl.String, "flagged": pl.Boolean, "first_level": pl.Int64, "last_level": pl.Int64, "n_cells": pl.Int64,
    "share": pl.Float64,
}  # fmt: skip
BY_LABEL = {"label": pl.String, "stratum": pl.Int64, "n_cells": pl.Int64}


@dataclass(frozen=True, eq=False, repr=False)
class Audit(Result):
    """A sample of cells to look at.

    Attributes
    ----------
    frame : polars.DataFrame
        item_id, label, given (1 or 0), kind (of the error it would be: "spurious" or "missing"), suspicion, flagged,
        part ("suspicious" or "uniform"), stratum, inclusion (probability that the cell was drawn). The order is that
        of reading and says nothing about the suspicion; any first part of it is a valid sample.
    strata : polars.DataFrame
        stratum, kind, flagged, first_level, last_level, n_cells, share.
    by_label : polars.DataFrame
        label, stratum, n_cells, for the labels in the sample.
    config : AuditConfig
    seed : int
    """

    strata: pl.DataFrame = field(default_factory=pl.DataFrame)
    by_label: pl.DataFrame = field(default_factory=pl.DataFrame)
    config: AuditConfig = field(default_factory=AuditConfig)
    seed: int = 0

    @property
    def cells(self) -> pl.DataFrame:
        """The cells to look at, without anything that could sway the person: item_id, label, given."""
        return self.frame.select("item_id", "label", "given")

    def estimate(self, verdicts: Any) -> AuditEstimate:
        """The numbers that the verdicts give.

        Parameters
        ----------
        verdicts : polars, pandas or Arrow frame
            item_id, label, and verdict ("right", "wrong" or "undecidable": about the given state) or state (the state
            that the cell should have: 1, 0, or -1 where nobody can tell). Cells that are not there are not answered yet.

        Returns
        -------
        AuditEstimate

        Raises
        ------
        DataError
            If a column is missing, a value is none of these, or a cell is not of this sample or answered twice.
        """
        return self._count(_outcomes(self.frame, to_polars(verdicts, "verdicts")))

    def strata_of(self, dataset: Dataset, findings: Findings, rows: np.ndarray, columns: np.ndarray) -> np.ndarray | None:
        """Stratum of any cells, int8 (n_cells,), -1 where unknown; None unless these findings are what the sample was drawn from.

        Parameters
        ----------
        dataset : Dataset
        findings : Findings
        rows, columns : int array of shape (n_cells,)
            Positions.
        """
        strata = Strata(self.strata)
        own_rows = np.array([dataset.position(item) for item in self.frame["item_id"]], np.int64)
        own_columns = np.array([dataset.label_position(label) for label in self.frame["label"]], np.int64)
        found = _assign(strata, dataset, findings, np.concatenate([own_rows, rows]), np.concatenate([own_columns, columns]))
        n = len(own_rows)
        same = np.array_equal(found[:n], self.frame["stratum"].to_numpy()) and np.array_equal(
            findings.cell_scores.at(own_rows, own_columns), self.frame["suspicion"].to_numpy()
        )
        return found[n:] if same else None

    def summary(self) -> str:
        """One line of plain text."""
        cells = int(self.strata["n_cells"].sum())
        flagged = int(self.frame["flagged"].sum())
        return f"Audit: {self.frame.height:,} of {cells:,} known cells to look at, {flagged:,} of them flagged"

    def to_json(self) -> str:
        """Everything as text, for :meth:`from_json`."""
        frames = {name: frame.to_dict(as_series=False) for name, frame in self._frames().items()}
        return json.dumps({"v": 1, "seed": self.seed, "config": asdict(self.config), **frames}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, item_type: pl.DataType) -> Audit:
        """The sample that :meth:`to_json` wrote.

        Parameters
        ----------
        text : str
        item_type : polars data type
            Of the item ids.

        Raises
        ------
        DataError
            If it was written by a newer labelscope.
        """
        told = json.loads(text)
        if told.get("v") != 1:
            raise DataError(f"audit: expected a sample of version 1, got {told.get('v')!r}, made by a newer labelscope; upgrade labelscope")
        frame = pl.DataFrame(told["frame"], schema={"item_id": pl.String, **CELLS}).with_columns(pl.col("item_id").cast(item_type))
        strata, by_label = pl.DataFrame(told["strata"], schema=STRATA), pl.DataFrame(told["by_label"], schema=BY_LABEL)
        return cls(frame, strata=strata, by_label=by_label, config=AuditConfig(**told["config"]), seed=told["seed"])

    def extends(self, smaller: Audit) -> bool:
        """Whether the cells of this sample begin with those of a smaller one, drawn from the same strata."""
        cells = ["item_id", "label", "stratum"]
        first = self.frame.head(smaller.frame.height).select(cells)
        return first.equals(smaller.frame.select(cells)) and self.strata.equals(smaller.strata)

    def _frames(self) -> dict[str, pl.DataFrame]:
        return {"frame": self.frame.with_columns(pl.col("item_id").cast(pl.String)), "strata": self.strata, "by_label": self.by_label}

    def _count(self, outcomes: pl.DataFrame) -> AuditEstimate:
        """`outcomes`: stratum, label and verdict (null without an answer) of each cell of the sample."""
        counts = [
            pl.len().alias("n_drawn"),
            pl.col("verdict").is_in(["right", "wrong"]).sum().alias("n_audited"),
            (pl.col("verdict") == "wrong").sum().alias("n_wrong"),
            (pl.col("verdict") == "undecidable").sum().alias("n_undecidable"),
        ]
        whole = ["n_drawn", "n_audited", "n_wrong", "n_undecidable"]
        strata = self.strata.join(outcomes.group_by("stratum").agg(counts), on="stratum", how="left", maintain_order="left")
        strata = strata.select("stratum", "kind", "flagged", "n_cells", pl.col(whole).fill_null(0).cast(pl.Int64))
        of_label = outcomes.group_by("label", "stratum").agg(counts)
        by_label = self.by_label.join(of_label, on=["label", "stratum"], how="left", maintain_order="left")
        by_label = by_label.join(self.strata.select("stratum", "kind"), on="stratum", how="left", maintain_order="left")
        by_label = by_label.select("label", "stratum", "kind", "n_cells", pl.col("n_audited", "n_wrong").fill_null(0).cast(pl.Int64))
        return estimate(strata, by_label, self.config.confidence)


@checked
def audit(dataset: Dataset, findings: Findings | None = None, n: int = 200, *, config: AuditConfig | None = None, seed: int = 0) -> Audit:
    """A sample of cells for a person to judge; from the judgements :meth:`Audit.estimate` says how many labels are wrong.

    Parameters
    ----------
    dataset : Dataset
    findings : Findings, optional
        Default: ``find_issues(dataset, seed=seed)``. They say where to look, never how much is wrong.
    n : int
        Cells to draw; all known cells if there are fewer. 200 say whether 1 or 5% of the cells are wrong; the width
        of the interval falls with the square root.
    config : AuditConfig, optional
    seed : int

    Returns
    -------
    Audit

    Raises
    ------
    StageError
        If `n` is not a positive whole number, or the findings are about another data set.

    Notes
    -----
    A stratified sample without replacement; the strata and their shares are explained in
    :mod:`labelscope.audit.strata`, the intervals in :mod:`labelscope.audit.population_total`. They rest on the verdicts being
    right, and on undecidable cells being like the decided ones of their stratum.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 4)).astype(np.float32)
    >>> truth = (x[:, :2] > 0).astype(int)
    >>> given = np.where(rng.random(truth.shape) < 0.04, 1 - truth, truth)
    >>> sample = audit(Dataset.from_arrays(given, embeddings=x), n=100)
    >>> at = sample.frame["item_id"].to_numpy(), sample.frame["label"].cast(int).to_numpy()
    >>> told = sample.estimate(sample.cells.with_columns(state=truth[at]))
    >>> low, high = told.wrong().low, told.wrong().high
    >>> bool(low <= (given != truth).sum() <= high)
    True
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise StageError(f"n: expected a number of cells, 1 or more, got {n!r}")
    config = config or AuditConfig()
    findings = findings if findings is not None else find_issues(dataset, seed=seed)
    strata = stratify(dataset, findings, config)
    drawn = draw(dataset, findings, strata, int(n), config, seed)
    by_label = _by_label(dataset, drawn)
    return Audit(_cells(dataset, findings, strata, drawn), strata=strata.frame.select(*STRATA), by_label=by_label, config=config, seed=seed)


def _cells(dataset: Dataset, findings: Findings, strata: Strata, drawn: Drawn) -> pl.DataFrame:
    given = dataset.labels.states(drawn.items, drawn.labels)
    taken = np.bincount(drawn.strata, minlength=len(strata))
    chance = taken / strata.frame["n_cells"].to_numpy()
    columns = {
        "item_id": dataset.item_ids[drawn.items],
        "label": pl.Series(dataset.label_names, dtype=pl.String)[drawn.labels],
        "given": given,
        "kind": np.where(given == POSITIVE, "spurious", "missing"),
        "suspicion": np.nan_to_num(findings.cell_scores.at(drawn.items, drawn.labels)),
        "flagged": strata.frame["flagged"].to_numpy()[drawn.strata],
        "part": np.where(drawn.uniform, "uniform", "suspicious"),
        "stratum": drawn.strata,
        "inclusion": chance[drawn.strata],
    }
    return pl.DataFrame(columns).with_columns(pl.col(name).cast(dtype) for name, dtype in CELLS.items())


def _by_label(dataset: Dataset, drawn: Drawn) -> pl.DataFrame:
    labels = np.unique(drawn.labels)
    label, stratum = np.nonzero(drawn.counts[labels])
    names = pl.Series(dataset.label_names, dtype=pl.String)[labels[label]]
    return pl.DataFrame({"label": names, "stratum": stratum, "n_cells": drawn.counts[labels[label], stratum]}, schema=BY_LABEL)


def _assign(strata: Strata, dataset: Dataset, findings: Findings, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Stratum of each cell, flagged or not."""
    states = dataset.labels.states(rows, columns)
    found = strata.of(states, findings.cell_scores.at(rows, columns))
    flagged_rows, flagged_columns = flagged_cells(dataset, findings)
    flagged = np.isin(rows * dataset.n_labels + columns, flagged_rows * dataset.n_labels + flagged_columns)
    found[flagged] = strata.of_flagged(states[flagged])
    return found


def _outcomes(sample: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The sample with the verdict on each cell, null where there is none."""
    told = _told(verdicts).with_columns(pl.col("item_id").cast(pl.String), pl.col("label").cast(pl.String))
    if told.select("item_id", "label").is_duplicated().any():
        twice = told.filter(told.select("item_id", "label").is_duplicated()).row(0, named=True)
        cell = f"item {twice['item_id']!r}, label {twice['label']!r}"
        raise DataError(f"verdicts: expected one verdict a cell, got several on {cell}; keep the last")
    cells = sample.with_columns(pl.col("item_id").cast(pl.String))
    joined = cells.join(told, on=["item_id", "label"], how="left", maintain_order="left")
    if joined["verdict"].count() + joined["state"].count() < told.height:
        alien = told.join(cells, on=["item_id", "label"], how="anti").row(0, named=True)
        cell = f"item {alien['item_id']!r}, label {alien['label']!r}"
        raise DataError(f"verdicts: expected cells of the audit sample, got {cell}; keep those in audit.frame")
    by_state = (
        pl.when(pl.col("state") == -1)
        .then(pl.lit("undecidable"))
        .when(pl.col("state") == pl.col("given"))
        .then(pl.lit("right"))
        .otherwise(pl.lit("wrong"))
    )
    return joined.with_columns(verdict=pl.coalesce("verdict", pl.when(pl.col("state").is_not_null()).then(by_state)))


def _told(verdicts: pl.DataFrame) -> pl.DataFrame:
    """item_id, label, verdict and state of each answered cell, one of the last two null."""
    answer = next((name for name in ("verdict", "state") if name in verdicts.columns), None)
    missing = [name for name in ("item_id", "label") if name not in verdicts.columns]
    if missing or answer is None:
        raise DataError(f"verdicts: expected the columns item_id, label and verdict or state, got {', '.join(verdicts.columns)}")
    told = verdicts.drop_nulls(answer)
    allowed = pl.Series(JUDGEMENTS) if answer == "verdict" else pl.Series([1.0, 0.0, -1.0])
    values = told[answer].cast(allowed.dtype, strict=False)
    wrong = ~values.is_in(allowed.implode()).fill_null(value=False)
    if wrong.any():
        names = ", ".join(JUDGEMENTS) if answer == "verdict" else "1, 0 and -1"
        raise DataError(f"verdicts: expected {answer} to be one of {names}, got {told[answer].filter(wrong)[0]!r}")
    empty = pl.lit(None, pl.String).alias("verdict") if answer == "state" else pl.lit(None, pl.Int8).alias("state")
    kept = values.cast(pl.Int8).alias("state") if answer == "state" else values.alias("verdict")
    return told.select("item_id", "label", kept, empty)
