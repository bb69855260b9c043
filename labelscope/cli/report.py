"""``labelscope report``: the report of a scan, written again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from labelscope.cli.console import StageBars, say
from labelscope.cli.folder import CARD, REPORT, load_dataset, load_summary
from labelscope.cli.scan_tables import load_frame
from labelscope.data.files import check_target
from labelscope.data.formats.format import reading
from labelscope.data.inputs import input_files
from labelscope.errors import StageError

if TYPE_CHECKING:
    from labelscope.audit.estimate import AuditEstimate
    from labelscope.session import Session

__all__ = ["report"]


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `labelscope scan` wrote.")],
    to: Annotated[Path | None, typer.Option(help="HTML file to write; default: DIR/report.html.")] = None,
) -> None:
    """Write the report of a scan: one HTML file that opens offline."""
    import labelscope
    from labelscope.export.nutrition_label import NutritionLabel
    from labelscope.export.report import write_report
    from labelscope.issues.find import Findings
    from labelscope.session import Session
    from labelscope.space.project import EmbeddingMap
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions

    summary = load_summary(folder)
    path = to or folder / REPORT
    with StageBars() as bars, bars.stage("Report"):
        dataset = load_dataset(folder)
        check_target(path, name="report", inputs=input_files(dataset))
        not_scored = tuple(load_frame(folder, "labels", dataset).filter(~pl.col("scored"))["label"].to_list())
        embedding_map = EmbeddingMap(load_frame(folder, "map", dataset)) if (folder / "map.parquet").exists() else None
        card = folder / f"{CARD}.json"
        label = None
        if card.exists():
            with reading("JSON", card):
                label = NutritionLabel.from_json(card.read_text(encoding="utf-8"))
        suggestions = Suggestions(load_frame(folder, "suggestions", dataset), batches=load_frame(folder, "batches", dataset))
        session = Session(dataset, suggestions=suggestions)
        findings = Findings(load_frame(folder, "cells", dataset), items=load_frame(folder, "items", dataset), not_scored=not_scored)
        judged = "findings" in session.stages
        if judged:
            session.once("findings", lambda _: findings)
        write_report(
            path, dataset=dataset, long_tail=labelscope.long_tail(dataset), cooccurrence=labelscope.cooccurrence(dataset),
            relations=labelscope.relations(dataset), map=embedding_map,
            findings=findings,
            suggestions=suggestions,
            pseudo_labels=PseudoLabels(load_frame(folder, "pseudo_labels", dataset), abstained=load_frame(folder, "abstained", dataset)),
            summary=summary,
            nutrition_label=label and label.with_review(session.decisions), progress=session.progress, estimate=_estimate(session),
            sources=session.sources() if judged else None, personal=session.personal_data,
            reasons=session.reasons,
        )  # fmt: skip
    say(f"{path}")


def _estimate(session: Session) -> AuditEstimate | None:
    """What an audit says, if somebody made one."""
    try:
        found = session.estimate
    except StageError:
        return None
    return found if found.strata["n_audited"].sum() else None
