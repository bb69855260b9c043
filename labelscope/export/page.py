"""A published page: one HTML file that is the Explorer on a recording, read-only, offline, with nothing to install.

The page holds the app's own script, a recorded kernel that answers its questions, and the data as one compressed
block. Text from data is never markup and never script: the block is base64, the app writes text nodes only, and the
page's content security policy lets no script run but the one whose hash it names, and nothing be loaded from anywhere.
Without JavaScript the page shows pictures and a table.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.data.files import write_files
from labelscope.data.inputs import input_files
from labelscope.data.positions import cell_positions, positions
from labelscope.errors import DataError, StageError
from labelscope.export.item_cell import excerpt
from labelscope.export.markup import TEMPLATES, Cell, Html, figure, figure_of, meter, paragraph, pill, section, table
from labelscope.export.page_data import record
from labelscope.export.redaction import Redacted, choose, redacted
from labelscope.export.scanned import GroupsTold, HealthTold, RegionsTold, Scanned, SourcesTold
from labelscope.issues.hot_spots import error_density
from labelscope.version import __version__
from labelscope.views.html import render
from labelscope.voters.voter_words import VoterWords, unmeasured

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings
    from labelscope.space.project import EmbeddingMap
    from labelscope.stats.cooccurrence import Cooccurrence
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.relations import Relations
    from labelscope.suggest.relabel import Suggestions

__all__ = ["LARGEST", "Published", "publish"]

STATIC = Path(__file__).resolve().parent.parent / "widgets" / "static"
LARGE, LARGEST = 25_000_000, 100_000_000  # bytes: said, refused
REMEDY = "--max-items N shows fewer items, --no-texts and --no-images leave those out"
N_LISTED = 12
LOADS = "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
NO_DECISIONS: dict[str, type[pl.DataType]] = {
    "item_id": pl.String, "label": pl.String, "verdict": pl.String, "before": pl.Int8, "after": pl.Int8, "suggestion_id": pl.String,
    "reviewer": pl.String, "time": pl.String, "undone": pl.Boolean,
}  # fmt: skip


OPINIONS: dict[str, type[pl.DataType]] = {"item_id": pl.String, "label": pl.String, "reviewer": pl.String, "state": pl.Int8}


@dataclass(frozen=True)
class Published:
    """What was written.

    Attributes
    ----------
    path : Path
    n_bytes : int
    n_items, n_shown : int
        Items of the data set, and of the page.
    notes : tuple of str
        What the page says is left out.
    """

    path: Path
    n_bytes: int
    n_items: int
    n_shown: int
    notes: tuple[str, ...]

    def __str__(self) -> str:
        large = f"; that is large to send: {REMEDY}" if self.n_bytes > LARGE else ""
        shown = f"{self.n_items:,} items" if self.n_shown == self.n_items else f"{self.n_shown:,} of {self.n_items:,} items"
        return " ".join([f"{self.path}: {shown}, {self.n_bytes / 1e6:.1f} MB{large}.", *self.notes])


def publish(
    path: str | PathLike[str],
    *,
    dataset: Dataset,
    long_tail: LongTail,
    cooccurrence: Cooccurrence,
    relations: Relations,
    map: EmbeddingMap | None,  # noqa: A002 - the name of the stage
    findings: Findings,
    suggestions: Suggestions,
    decisions: pl.DataFrame | None = None,
    verdicts: Mapping[str, str] | None = None,
    embeddings: np.ndarray | None = None,
    conflicts: pl.DataFrame | None = None,
    remaining: Mapping[str, Any] | None = None,
    audit: Mapping[str, Any] | None = None,
    voters: VoterWords | None = None,
    agreed: np.ndarray | None = None,
    sources: SourcesTold | None = None,
    models: Mapping[str, Any] | None = None,
    health: HealthTold | None = None,
    groups: GroupsTold | None = None,
    regions: RegionsTold | None = None,
    label_pages: Mapping[int, tuple[Mapping[str, Any], Mapping[str, Any]]] | None = None,
    raters: Mapping[str, Any] | None = None,
    rules: Mapping[str, Any] | None = None,
    name: str | None = None,
    texts: bool = True,
    images: bool = True,
    max_items: int | None = None,
    redact: Sequence[str] = (),
    absent: str = "",
) -> Published:
    """Write an interactive, read-only page of a data set, its worklist and what people decided.

    Parameters
    ----------
    path : str or path
        Replaced if it exists.
    dataset : Dataset
    long_tail, cooccurrence, relations, map, findings, suggestions : results
        `map` None leaves the map out.
    decisions : polars.DataFrame, optional
        As of :attr:`labelscope.session.Session.decisions`.
    verdicts : mapping of suggestion id to verdict, optional
        As of :attr:`labelscope.session.Session.verdicts`; what it does not name is pending.
    embeddings : array, shape (n_items, n_features), optional
        What near items are looked up in, for the evidence; None leaves them out.
    conflicts : polars.DataFrame, optional
        item_id, label, reviewer, state: opinions on the cells that reviewers disagree on.
    remaining, audit : mapping, optional
        How many wrong cells are left, as of :func:`labelscope.explorer.review_progress.report`; None where nobody audited.
    voters : VoterWords, optional
        What raters, rules and judges say. Default: the votes of the data set, without a measure of the voters.
    agreed : array of bool, shape (n_suggestions,), optional
        Which suggestions a judge agrees with. Default: none.
    sources : SourcesTold, optional
        Where errors come from, shortcuts and personal data; None leaves them out.
    models : mapping, optional
        Tables of the models by average, as of :attr:`labelscope.explorer.model_table.ModelTables.tables`. Default: none is shown.
    health : HealthTold, optional
        What to mend first; None leaves it out.
    groups : GroupsTold, optional
    regions : RegionsTold, optional
        Groups of items that no label explains; None leaves them out.
    label_pages : mapping of label to (page, examples), optional
        As :class:`labelscope.explorer.requests.label_pages.LabelPageRequests` answers, by position. Default: none is shown.
    raters, rules : mapping, optional
        Tables of the voters and of the rules; None leaves them out.
    name : str, optional
        Title. Default: the name of the file that was read.
    texts, images : bool
        False leaves them out; see :func:`labelscope.export.redaction.redacted`.
    max_items : int, optional
        Half of them the items with the surest suggestions, the other half an even sample of the rest. Counts of
        labels, pairs and relations stay those of all items.
    redact : sequence of str
        Columns to leave out; "reviewer" and "rater" number people instead of naming them.
    absent : str
        Why there are no suggestions, where the data set does not allow them.

    Returns
    -------
    Published

    Raises
    ------
    DataError
        If a column is unknown, the page would be larger than 100 MB, or the file cannot be written.
    StageError
        If the front end was not built.
    """
    if not (STATIC / "published.js").is_file():
        raise StageError("publish: expected the built front end, got none; run `pip install .` or `python extensions/build.py`")
    redaction = redacted(dataset, texts=texts, images=images, redact=redact)
    said = _standing(dataset, decisions)
    scanned = replace(
        _scanned(dataset, cooccurrence, relations, map, findings, suggestions, said, verdicts or {}, embeddings),
        conflicts=_placed(dataset, pl.DataFrame(schema=OPINIONS) if conflicts is None else conflicts),
        remaining=remaining,
        audit=audit,
        sources=sources,
        voters=voters or unmeasured(dataset),
        agreed=np.zeros(suggestions.frame.height, bool) if agreed is None else agreed,
        models=models,
        health=health,
        groups=groups,
        regions=regions,
        label_pages=label_pages or {},
        raters=raters,
        rules=rules,
    )
    shown = choose(dataset.n_items, np.concatenate([said["row"].to_numpy(), scanned.rows]), max_items)
    title = name or (dataset.source.path.name if dataset.source is not None and dataset.source.path is not None else "Data set")
    block, caps = record(scanned, redaction, shown, title)
    notes = (*_shown_note(scanned, shown), *caps, *redaction.notes, *([absent] if absent else []))
    still = _still(scanned, redaction, shown, map, long_tail, absent)
    people = "" if scanned.voters is None else scanned.voters.headcount
    page = _page(title, _head(scanned, title), people, notes, still, base64.b64encode(block).decode()).encode()
    if len(page) > LARGEST:
        raise DataError(f"publish: expected a page of at most {LARGEST / 1e6:.0f} MB, got {len(page) / 1e6:.0f} MB; {REMEDY}")
    write_files({Path(path): lambda file: file.write(page)}, name="publish", inputs=input_files(dataset))
    return Published(Path(path), len(page), dataset.n_items, len(shown), notes)


def _scanned(
    dataset: Dataset, cooccurrence: Cooccurrence, relations: Relations, embedding_map: EmbeddingMap | None, findings: Findings,
    suggestions: Suggestions, said: pl.DataFrame, verdicts: Mapping[str, str], embeddings: np.ndarray | None,
) -> Scanned:  # fmt: skip
    ids = pl.DataFrame({"item_id": dataset.item_ids.cast(pl.String)})
    here = {"expected": "publish: expected results about this data set", "remedy": "scan it again"}

    def joined(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        known = frame.select(pl.col("item_id").cast(pl.String), *columns)
        return ids.join(known, on="item_id", how="left", maintain_order="left").select(columns)

    frame, flagged = suggestions.frame, findings.cells.filter("flagged")
    at = cell_positions(flagged, dataset.item_ids, dataset.label_names)
    names = pl.Series(dataset.label_names, dtype=pl.String)
    places = None if embedding_map is None else joined(embedding_map.frame, "x", "y").to_numpy().astype(np.float32)
    return Scanned(
        dataset=dataset,
        suggestions=frame,
        rows=positions(frame["item_id"].cast(pl.String), ids["item_id"], **here),
        labels=positions(frame["label"], names, **here),
        suspicion=joined(findings.items, "suspicion")["suspicion"].cast(pl.Float32).fill_null(float("nan")).to_numpy(),
        flagged=pl.DataFrame({"row": at[0], "column": at[1], "kind": flagged["kind"]}),
        places=places,
        density=None if places is None else error_density(dataset, findings, places),
        pairs=cooccurrence.frame,
        relations=relations.frame,
        pairs_summary=cooccurrence.summary(),
        decisions=said,
        verdicts=verdicts,
        embeddings=embeddings,
        conflicts=pl.DataFrame(),
        remaining=None,
        audit=None,
        voters=None,
        agreed=np.zeros(frame.height, bool),
        models=None,
    )


def _standing(dataset: Dataset, decisions: pl.DataFrame | None) -> pl.DataFrame:
    """The decisions that were not undone, with the row and column of each cell."""
    return _placed(dataset, pl.DataFrame(schema=NO_DECISIONS) if decisions is None else decisions.filter(~pl.col("undone")))


def _placed(dataset: Dataset, frame: pl.DataFrame) -> pl.DataFrame:
    rows = [dataset.position(item) for item in frame["item_id"]]
    columns = [dataset.label_position(str(label)) for label in frame["label"]]
    return frame.with_columns(pl.Series("row", rows, pl.Int64), pl.Series("column", columns, pl.Int64))


def _shown_note(scanned: Scanned, shown: np.ndarray) -> tuple[str, ...]:
    n_items, n_suggestions = scanned.dataset.n_items, int(np.isin(scanned.rows, shown).sum())
    if len(shown) == n_items:
        return ()
    items = f"Shows {len(shown):,} of {n_items:,} items: those with the surest suggestions and an even sample of the rest"
    suggestions = f"{n_suggestions:,} of {len(scanned.rows):,} suggestions; near items are among those shown"
    return (f"{items}, with {suggestions}. Counts of labels, pairs and relations are of all items.",)


def _head(scanned: Scanned, title: str) -> str:
    dataset, verdicts = scanned.dataset, list(scanned.verdicts.values())
    decided = ", ".join(f"{verdicts.count(word):,} {word}" for word in ("accepted", "rejected", "skipped") if word in verdicts)
    suggested = f"{len(scanned.rows):,} suggestions{f' ({decided})' if decided else ', none decided'}"
    return f"{title}: {dataset.n_items:,} items × {dataset.n_labels:,} labels, {suggested}"


def _still(
    scanned: Scanned, redaction: Redacted, shown: np.ndarray, embedding_map: EmbeddingMap | None, long_tail: LongTail, absent: str
) -> Html:
    """What is shown without JavaScript: the map, the long tail and the first suggestions."""
    from labelscope.views import embedding_map as view

    kept = np.flatnonzero(np.isin(scanned.rows, shown))[:N_LISTED]
    rows = [
        (
            pill(action),
            Cell(label, "label"),
            Cell(meter(sure or 0.0), "number"),
            excerpt(redaction.dataset, redaction.dataset.item_ids[int(row)]),
            Cell(reason or "", "reason"),
        )
        for (action, label, sure, reason), row in zip(
            scanned.suggestions[kept].select("action", "label", "confidence", "reason").iter_rows(), scanned.rows[kept], strict=True
        )
    ]
    heads = ("Change", "Label", Cell("Confidence", "number"), "Item", "Reason")
    groups = scanned.suggestions.select("item_id", group="action")
    drawn = [] if embedding_map is None else [
        figure(*(view.figure(embedding_map, groups=groups if groups.height else None, dark=dark) for dark in (False, True)))
    ]  # fmt: skip
    listed = (
        table(f"The {len(rows)} surest of {len(scanned.rows):,} suggestions", heads, rows)
        if rows
        else paragraph(absent or "No label looks wrong.", "note")
    )
    space = section("map", "Map", *drawn) if drawn else Html()
    return space + section("suggestions", "Suggestions", listed) + section("tail", "Long tail", figure_of(long_tail))


def _page(title: str, head: str, voters: str, notes: Sequence[str], still: Html, data: str) -> str:
    script = (STATIC / "published.js").read_text("utf-8").replace("</script", r"<\/script").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; {LOADS}"
    look = (STATIC / "explorer.css").read_text("utf-8")
    own, report = (Path(__file__).with_name(f"{name}.css").read_text("utf-8") for name in ("published", "report"))
    return render(
        "published.html.j2",
        TEMPLATES,
        policy=Html(policy),
        title=title,
        head=head,
        voters=voters,
        notes=notes,
        made=f"Published {datetime.now(timezone.utc):%Y-%m-%d} by labelscope {__version__}",
        still_style=Html(report),
        style=Html(look + own),
        still=still,
        data=data,
        script=Html(script),
    )
