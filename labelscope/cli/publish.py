"""``labelscope publish``: a scan, or a notebook, as one HTML file that opens offline and cannot be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from labelscope.cli.console import StageBars, say
from labelscope.cli.folder import load_dataset, load_summary
from labelscope.cli.scan_tables import load_frame
from labelscope.errors import DataError
from labelscope.export.notebook_page import publish_notebook
from labelscope.export.redaction import redacted

__all__ = ["publish"]


def publish(
    source: Annotated[
        Path, typer.Argument(metavar="NOTEBOOK|DIR", help="Folder that `labelscope scan` wrote, or a notebook with its outputs.")
    ],
    out: Annotated[Path, typer.Option(help="HTML file to write.")],
    texts: Annotated[bool, typer.Option("--texts/--no-texts", help="Texts of the items, and columns of free words.")] = True,
    images: Annotated[bool, typer.Option("--images/--no-images", help="Pictures of the items.")] = True,
    max_items: Annotated[int | None, typer.Option(min=1, help="Most items: the surest suggestions and an even sample.")] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            help="Column to leave out (repeat for more); 'reviewer' and 'rater' number people; 'personal' replaces personal data."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Title; default: the name of the table.")] = None,
    ledger: Annotated[str | None, typer.Option(help="Ledger file or database URL; default: beside the table.")] = None,
) -> None:
    """Write one read-only HTML file that opens offline: the map, labels and worklist of a scan, or a notebook's outputs."""
    if source.suffix == ".ipynb":
        if not texts or not images or max_items is not None or redact or name or ledger:
            raise DataError(
                "publish: expected no further option for a notebook, whose outputs are published as they are; publish the scan's DIR"
            )
        with StageBars() as bars, bars.stage("Publish"):
            n_bytes = publish_notebook(out, source)
        say(f"{out}: {n_bytes / 1e6:.1f} MB")
        return
    from labelscope.explorer.publish import publish as write_page
    from labelscope.issues.find import Findings
    from labelscope.session import Session
    from labelscope.space.project import EmbeddingMap
    from labelscope.suggest.relabel import Suggestions

    summary = load_summary(source)
    with StageBars() as bars:
        with bars.stage("Read"):
            dataset = load_dataset(source)
            redacted(dataset, texts=texts, images=images, redact=redact or ())  # a column that is not there is said at once
            not_scored = tuple(load_frame(source, "labels", dataset).filter(~pl.col("scored"))["label"].to_list())
            suggestions = Suggestions(load_frame(source, "suggestions", dataset))
            findings = Findings(load_frame(source, "cells", dataset), items=load_frame(source, "items", dataset), not_scored=not_scored)
            session = Session(dataset, ledger=ledger, seed=summary.get("seed", 0), model=summary.get("model"), suggestions=suggestions)
            if session.stages:
                session.once("findings", lambda _: findings)  # those of the scan: nothing is computed anew
            if (source / "map.parquet").exists():
                session.once("map", lambda _: EmbeddingMap(load_frame(source, "map", dataset)))
        with bars.stage("Embed"):
            if session.has_map:
                _ = session.embeddings
        with bars.stage("Publish"):
            done = write_page(session, out, texts=texts, images=images, max_items=max_items, redact=redact or (), name=name)
    say(str(done))
