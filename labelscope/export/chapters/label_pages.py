"""The pages of labels, folded up: what is known about each, as the dialog of the app and :func:`labelscope.label_page` say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from labelscope.export.item_cell import excerpt
from labelscope.export.markup import Cell, Html, bullets, columns, folded, heading, paragraph, pill, section, stacked, table
from labelscope.export.report_input import ReportInput
from labelscope.stats.splits import compare_splits, split_column
from labelscope.suggest.label_page import LabelPage, LabelSources, compose_label_page
from labelscope.views.theme import clip

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset

__all__ = ["MOST_PAGES", "label_pages"]

MOST_PAGES = 24
N_SUSPECTS = 3  # of each kind
RELATIONS = {"implies": "always has", "identical": "is the same as", "exclusive": "never goes with"}
NOTE = "Typical and borderline items of a label are on its page in the Explorer, and in Python by ls.label_page(ds, label)."


def label_pages(m: ReportInput) -> Html:
    """The labels with the most flagged cells, then the commonest."""
    dataset = m.dataset
    names = pl.DataFrame({"label": dataset.label_names, "n": dataset.labels.n_positive, "column": np.arange(dataset.n_labels)})
    flagged = m.findings.cells.filter("flagged").group_by("label").len("flags")
    first = names.join(flagged, on="label", how="left", maintain_order="left").with_columns(pl.col("flags").fill_null(0))
    chosen = first.sort("flags", "n", "column", descending=[True, True, False]).head(MOST_PAGES)
    searched = "find_issues" not in m.skipped
    sources = LabelSources(
        findings=m.findings if searched else None,
        suggestions=m.suggestions if searched else None,
        relations=m.relations,
        splits=compare_splits(dataset) if split_column(dataset) else None,
        estimate=m.estimate,
    )
    which = f"of {dataset.n_labels:,} labels, those with the most flagged cells" if dataset.n_labels > MOST_PAGES else "one for each label"
    return section(
        "label-pages",
        "Label pages",
        paragraph(f"{chosen.height:,} pages, {which}; click a name to open it. {NOTE}", "note"),
        *(
            _page(dataset, compose_label_page(dataset, column, sources), n, flags)
            for n, column, flags in chosen.select("n", "column", "flags").rows()
        ),
    )


def _page(dataset: Dataset, of: LabelPage, n: int, flags: int) -> Html:
    told = of.frame.filter(pl.col("words") != "")
    parts = [(str(title), part["words"].to_list()) for (title,), part in told.group_by("section", maintain_order=True)]
    parts += [("Rules", rules)] if (rules := _rules(of)) else []
    lead = [paragraph(clip(words, 600)) for words in (of.description, of.instructions) if words]
    return folded(
        f"{clip(of.label, 80)} · {n:,} {'item' if n == 1 else 'items'}{f' · {flags:,} flagged' if flags else ''}",
        [*lead, columns([stacked([heading(title), bullets(said)]) for title, said in parts]), *_suspects(dataset, of)],
    )


def _rules(of: LabelPage) -> list[str]:
    rows = of.rules.select("label_a", "relation", "label_b", "counter_examples").rows()
    return [
        f"{clip(a)} {RELATIONS[relation]} {clip(b)}{'' if n is None else f': {n:,} exceptions' if n != 1 else ': 1 exception'}"
        for a, relation, b, n in rows
    ]


def _suspects(dataset: Dataset, of: LabelPage) -> Iterator[Html]:
    found = of.suspects.filter("flagged")
    head = pl.concat([found.filter(kind=kind).head(N_SUSPECTS) for kind in ("missing", "spurious")])
    if head.height:
        cells = head.select("item_id", "kind", "suspicion").rows()
        rows = [(pill(kind), Cell(f"{suspicion:.2f}", "number"), excerpt(dataset, item)) for item, kind, suspicion in cells]
        yield table("Most suspicious cells", ("", Cell("Suspicion", "number"), "Item"), rows)
