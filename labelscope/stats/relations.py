"""Relations between labels, read from labels that are themselves noisy: implies, identical, exclusive, overlaps.

A rule with exceptions is still a rule where noise alone explains the exceptions. So an implication is not refused
for having counter-examples, but for having more than noise makes in this data set; and those counter-examples are the
items to review. Names and embeddings propose relations too, and a taxonomy states them; where the sources disagree, it
is said. Only a person makes a relation a constraint (:mod:`labelscope.stats.constraints`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import scipy.sparse as sp

from labelscope.data.arguments import checked
from labelscope.data.results import Result
from labelscope.errors import DataError, StageError
from labelscope.stats.centroids import same_place
from labelscope.stats.label_tests import LabelTests, RelationsConfig, broken_items
from labelscope.stats.names import name_relations
from labelscope.stats.relation_rows import KINDS

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["KINDS", "Relations", "RelationsConfig", "relations"]

SOURCES = ("taxonomy", "labels", "names", "embeddings")
KEY = ["label_a", "label_b", "relation"]


@dataclass(frozen=True, eq=False, repr=False)
class Relations(Result):
    """Relations between labels: identical first, then implies, exclusive, overlaps; strongest evidence first in each.

    Attributes
    ----------
    frame : polars.DataFrame
        label_a, label_b; relation = "implies" (a implies b), "identical", "exclusive" or "overlaps"; n_a, n_b, n_ab =
        items with a, b, both, where both are known; expected = n_ab if the two were independent; counter_examples =
        items that break the relation, null for "overlaps"; broken_low, broken_high = 95% bounds of their share
        (Clopper-Pearson); confidence = probability that the labels, noisy as they are, come from a true rule (null for
        exclusive and overlaps, and where the labels cannot tell); p_value (one-sided, hypergeometric, in the direction
        of the relation), q_value (Benjamini-Hochberg); source = "taxonomy" (given), "labels", "names" or "embeddings",
        the first of them that says so; sources = all that do; supported = whether the labels agree, null where they
        cannot tell; conflict = whether the sources disagree on the pair; direct = False for an implication that
        follows from two others (dog implies animal, by way of mammal, which may seem identical to one of them).
    rate : float
        Share of its items in which noise breaks a true implication: estimated from the labels, or from the given rates.
    n_rules : int
        Implications that the labels support (an identical pair is two).
    dataset : Dataset or None
        What the relations are about.
    """

    rate: float = float("nan")
    n_rules: int = 0
    dataset: Dataset | None = None

    def summary(self) -> str:
        """One line of plain text that says what was found."""
        counts = dict(self.frame.group_by("relation").len().iter_rows())
        found = ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if kind in counts) or "none"
        rules = self.frame.filter(pl.col("relation") != "overlaps", ~pl.col("conflict"))
        noise = f"; noise breaks a true rule in {self.rate:.1%} of its items" if self.n_rules else ""
        return f"Relations between labels: {found}; {int(rules['counter_examples'].sum() or 0):,} counter-examples to review{noise}"

    def counter_examples(self, label_a: str, label_b: str, n: int = 10, *, relation: str | None = None) -> pl.Series:
        """Ids of items that break a relation, in the order of the data set.

        Parameters
        ----------
        label_a, label_b : str
        n : int
            Most ids returned.
        relation : {"implies", "identical", "exclusive"}, optional
            Default: that of the first row on this pair.

        Returns
        -------
        polars.Series
            `item_id`.

        Raises
        ------
        DataError
            If there is no such relation, or the relations came without their data set.
        """
        if self.dataset is None:
            raise DataError("counter_examples: expected relations with their data set, got a frame alone; run labelscope.relations")
        kind = relation
        if kind is None:
            pair = self.frame.filter(label_a=label_a, label_b=label_b)
            if pair.is_empty():
                raise DataError(f"counter_examples: expected two labels with a relation, got {label_a!r} and {label_b!r}; see .frame")
            kind = str(pair["relation"][0])
        a, b = self.dataset.label_position(label_a), self.dataset.label_position(label_b)
        return self.dataset.item_ids[broken_items(self.dataset.labels, a, b, kind)[:n]]


@checked
def relations(
    ds: Dataset,
    *,
    miss: float | None = None,
    spurious: float | None = None,
    names: bool = True,
    embeddings: bool = False,
    config: RelationsConfig | None = None,
) -> Relations:
    """Relations between the labels of a data set: tested in its (noisy) labels, read from their names, or stated.

    Tested are the pairs that occur together, and those expected to (at least 3 items) that do not.

    Parameters
    ----------
    ds : Dataset
    miss : float, optional
        Share of true positives that the labels lack, in [0, 0.5]. Default: estimated, see Notes.
    spurious : float, optional
        Wrong positives as a share of a label's positives, in [0, 0.5]. Default: estimated.
    names : bool
        Also what the names suggest (:func:`labelscope.name_relations`).
    embeddings : bool
        Also which labels have their items in the same place, by the embeddings that the data set came with.
    config : RelationsConfig, optional
        Further settings; `miss` and `spurious` here count before those in it.

    Returns
    -------
    Relations

    Raises
    ------
    DataError
        If a rate is out of range.
    StageError
        If `embeddings` are asked for and the data set has none.

    Notes
    -----
    *Implication* a => b: the share of a's items without b is weighed against the rate at which noise breaks true rules
    in this data set, and against the shares of mere tendencies (a mixture over all candidates, which needs no rate
    beforehand: :mod:`labelscope.stats.violation_model`); what else those items carry is heard as well
    (:mod:`labelscope.stats.cooccurring_evidence`). Listed where it is more likely true than not, a has at least 12 items, at most
    half of the share that independence would give breaks it, and the two are together more often than by chance. A
    label on nearly every item is implied by all and by none: nothing is proposed. *Identical*: both implications.
    *Exclusive*: at least 3 items in common expected, significantly fewer seen, few enough to be explained by wrong
    positives, and at most 2% of the rarer label's items. *Overlaps*: significantly more in common than expected, and
    none of the others. All significance at 5% false discovery rate. With fewer than 3 expected an absence is
    untestable, not exclusive.

    Examples
    --------
    >>> from labelscope import Dataset
    >>> ds = Dataset.from_arrays([["dog", "animal"]] * 30 + [["cat", "animal"]] * 30 + [["car"]] * 60)
    >>> relations(ds).frame.filter(relation="implies").select("label_a", "label_b", "counter_examples").rows()
    [('cat', 'animal', 0), ('dog', 'animal', 0)]
    """
    config = config or RelationsConfig()
    config = replace(config, miss=config.miss if miss is None else miss, spurious=config.spurious if spurious is None else spurious)
    for name in ("miss", "spurious"):
        rate = getattr(config, name)
        if rate is not None and not 0 <= rate <= 0.5:
            raise DataError(f"{name}: expected a rate in [0, 0.5], got {rate}")
    if embeddings and ds.embeddings is None:
        raise StageError("embeddings: expected a data set that came with embeddings, got none; give embeddings= or leave this out")
    tests = LabelTests.run(ds.label_names, ds.labels, config)
    merged = _merged(tests.frame(), _proposed(ds, tests, names=names, embeddings=embeddings))
    frame = _mark_direct(merged, ds.label_names)
    order = pl.col("relation").replace_strict({kind: k for k, kind in enumerate(KINDS)}, return_dtype=pl.Int8)
    frame = frame.sort([order, "q_value", "n_ab"], descending=[False, False, True], maintain_order=True, nulls_last=True)
    rate = tests.rules.model.rate
    return Relations(frame, rate=rate, n_rules=tests.rules.n_rules, dataset=ds)


def _proposed(ds: Dataset, tests: LabelTests, *, names: bool, embeddings: bool) -> list[pl.DataFrame]:
    """Rows of evidence on what the taxonomy, the names and the embeddings say."""
    out = []
    if ds.taxonomy is not None and len(ds.taxonomy.edges):
        parents, children = ds.taxonomy.edges.T
        out.append(tests.given(children, parents, "implies", "taxonomy"))
    if names:
        position = {name: k for k, name in enumerate(ds.label_names)}
        found = name_relations(ds.label_names).frame
        for (relation,), part in found.group_by("relation", maintain_order=True):
            a, b = (np.array([position[name] for name in part[end].to_list()], np.int64) for end in ("label_a", "label_b"))
            if relation == "identical":
                a, b = np.minimum(a, b), np.maximum(a, b)
            out.append(tests.given(a, b, str(relation), "names"))
    if embeddings and ds.embeddings is not None:
        a, b, _ = same_place(ds.labels, ds.embeddings, cosine=tests.config.cosine, least=tests.config.least_positives)
        out.append(tests.given(a, b, "identical", "embeddings"))
    return out


def _merged(tested: pl.DataFrame, proposed: list[pl.DataFrame]) -> pl.DataFrame:
    """One row a pair and relation, that of its first source; and what is in conflict: contradicted by the labels.

    The labels contradict where they hold that it is not so, or that two labels exclude each other that are said to be one: raters use
    one of two words for the same. Labels that seem identical give way to a source that says which is the narrower: an only child has
    the items of its parent. Millions of tested pairs that nothing else speaks of are left as they are.
    """
    alone = {"sources": pl.concat_list("source"), "conflict": pl.lit(value=False)}
    if not proposed:
        return tested.with_columns(**alone)
    told = pl.concat(proposed)
    directed = told.filter(relation="implies").select(*_pair(), relation=pl.lit("identical"))
    tested = (
        tested.with_columns(*_pair()).join(directed, on=["low", "high", "relation"], how="anti", maintain_order="left").drop("low", "high")
    )
    rank = pl.col("source").replace_strict({source: k for k, source in enumerate(SOURCES)}, return_dtype=pl.Int8)
    both = pl.concat([told, tested.join(told, on=KEY, how="semi")], how="diagonal").sort(rank, maintain_order=True)
    rest = [pl.col(name).first() for name in both.columns if name not in KEY]
    both = both.group_by(KEY, maintain_order=True).agg(*rest, sources=pl.col("source").unique(maintain_order=True))
    others = tested.join(told, on=KEY, how="anti", maintain_order="left").with_columns(**alone)
    frame = pl.concat([both.with_columns(conflict=pl.lit(value=False)), others], how="diagonal")
    apart = tested.filter(relation="exclusive").select(*_pair())
    together = both.filter(pl.col("relation") != "exclusive").select(*_pair())
    denied = pl.concat([both.filter(~pl.col("supported")).select(*_pair()), together.join(apart, on=["low", "high"], how="semi")])
    refuted = denied.unique().with_columns(refuted=pl.lit(value=True))
    frame = frame.with_columns(*_pair()).join(refuted, on=["low", "high"], how="left", maintain_order="left")
    conflict = pl.col("refuted").fill_null(value=False) & (pl.col("relation") != "overlaps")
    return frame.with_columns(conflict=conflict).drop("low", "high", "refuted")


def _pair() -> tuple[pl.Expr, pl.Expr]:
    """The two labels of a row, whichever comes first."""
    return pl.min_horizontal("label_a", "label_b").alias("low"), pl.max_horizontal("label_a", "label_b").alias("high")


def _mark_direct(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Implications that follow from two others are not direct (transitive reduction over all that nothing contradicts).

    Of two labels that seem identical the rarer counts as the narrower: what implies both goes by way of it. Parents with
    an only child look like that.
    """
    frame = frame.with_row_index("row")
    rules = frame.filter(pl.col("relation") == "implies")
    same = frame.filter((pl.col("relation") == "identical") & ~pl.col("conflict"))
    position = pl.DataFrame({"label": names, "column": np.arange(len(names))}, schema={"label": pl.String, "column": pl.Int64})
    (a, b), (c, d) = (
        [part.select(label=end).join(position, on="label", how="left", maintain_order="left")["column"].to_numpy() for end in KEY[:2]]
        for part in (rules, same)
    )
    firm, rarer = ~rules["conflict"].to_numpy(), (same["n_a"] <= same["n_b"]).to_numpy()
    shape = (len(names), len(names))
    edges = sp.csr_matrix((np.ones(int(firm.sum()), np.int32), (a[firm], b[firm])), shape=shape)
    widened = sp.csr_matrix((np.ones(len(c), np.int32), (np.where(rarer, c, d), np.where(rarer, d, c))), shape=shape)
    by_way = (edges @ (edges + widened)).astype(bool)
    direct = np.ones(frame.height, bool)
    if by_way.nnz:
        direct[rules["row"].to_numpy()] = ~np.asarray(by_way[a, b]).ravel()
    return frame.drop("row").with_columns(direct=pl.Series(direct))
