"""The report: one HTML file that opens offline, needs no script and asks nothing of any network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelscope.data.files import write_files
from labelscope.data.inputs import input_files
from labelscope.export.chapters import cell_lists, closing, label_space, opening
from labelscope.export.chapters.health import condition
from labelscope.export.chapters.label_pages import label_pages
from labelscope.export.chapters.sources import origins
from labelscope.export.markup import TEMPLATES, Html
from labelscope.export.nutrition_label import NutritionLabel
from labelscope.export.nutrition_label import nutrition_label as facts
from labelscope.export.report_input import ReportInput
from labelscope.version import __version__
from labelscope.views.html import render

if TYPE_CHECKING:
    from os import PathLike

    import polars as pl

    from labelscope.audit.estimate import AuditEstimate
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings
    from labelscope.issues.personal_data import PersonalData
    from labelscope.issues.sources import Sources
    from labelscope.space.project import EmbeddingMap
    from labelscope.stats.cooccurrence import Cooccurrence
    from labelscope.stats.long_tail import LongTail
    from labelscope.stats.relations import Relations
    from labelscope.suggest.pseudo import PseudoLabels
    from labelscope.suggest.relabel import Suggestions

__all__ = ["write_report"]

CHAPTERS = (  # name, title, stage without which there is no such chapter, what writes it
    ("overview", "In short", "", opening.overview),
    ("suggestions", "Suggestions", "suggest", cell_lists.changes),
    ("cells", "Suspicious cells", "find_issues", cell_lists.cells),
    ("health", "Health", "", condition),
    ("sources", "Sources", "", origins),
    ("map", "Map", "map", cell_lists.space),
    ("long-tail", "Long tail", "", label_space.tail),
    ("label-pages", "Label pages", "", label_pages),
    ("cooccurrence", "Co-occurrence", "", label_space.together),
    ("relations", "Relations", "", label_space.rules),
    ("pseudo-labels", "Pseudo-labels", "pseudo_label", cell_lists.unknown),
    ("data-card", "Data card", "", opening.data_card),
    ("next", "Next steps", "", closing.next_steps),
    ("made", "Method", "", closing.record),
)


def write_report(
    path: str | PathLike[str],
    *,
    dataset: Dataset,
    long_tail: LongTail,
    cooccurrence: Cooccurrence,
    relations: Relations,
    map: EmbeddingMap | None,  # noqa: A002 - the name of the stage
    findings: Findings,
    suggestions: Suggestions,
    pseudo_labels: PseudoLabels,
    summary: dict[str, Any],
    nutrition_label: NutritionLabel | None = None,
    progress: Mapping[str, int] | None = None,
    estimate: AuditEstimate | None = None,
    sources: Sources | None = None,
    personal: PersonalData | None = None,
    reasons: pl.DataFrame | None = None,
) -> None:
    """Write the report of a scan as one HTML file.

    Pictures are inline, in a light and a dark version; every text that came from data is escaped; nothing is loaded
    from elsewhere. About 1 MB whatever the size of the data set, since it shows the head of each list.

    Parameters
    ----------
    path : str or path
        Replaced if it exists.
    dataset : Dataset
    long_tail, cooccurrence, relations, map, findings, suggestions, pseudo_labels : results
        `map` None leaves the map out.
    summary : dict
        As in summary.json; every key may be missing. The chapters of the stages under "skipped" are left out, and the first
        chapter says why, a line each.
    nutrition_label : NutritionLabel, optional
        Default: what the other results say.
    progress : mapping, optional
        As of :attr:`labelscope.session.Session.progress`: how far the review is.
    estimate : AuditEstimate, optional
        How many labels are wrong, by an audit; without one the report says that nobody knows.
    sources : Sources, optional
    personal : PersonalData, optional
        What :func:`labelscope.sources` and :func:`labelscope.personal_data` found; without either there is no such chapter.
    reasons : polars.DataFrame, optional
        As of :attr:`labelscope.session.Session.reasons`: why people decided as they did.

    Raises
    ------
    DataError
        If the file cannot be written; then no part of it is.
    """
    card = nutrition_label or facts(dataset, tail=long_tail, findings=findings, relations=relations)
    given = ReportInput(
        dataset, long_tail, cooccurrence, relations, map, findings, suggestions, pseudo_labels, card, summary, progress, estimate,
        sources, personal, reasons,
    )  # fmt: skip
    body = [(name, words, Html(chapter(given))) for name, words, stage, chapter in CHAPTERS if stage not in given.skipped]
    page = _page(given, [(name, words, content) for name, words, content in body if content]).encode()
    write_files({Path(path): lambda file: file.write(page)}, name="report", inputs=input_files(dataset))


def _page(given: ReportInput, body: list[tuple[str, str, Html]]) -> str:
    return render(
        "report.html.j2",
        TEMPLATES,
        version=__version__,
        name=given.name,
        kind="label report",
        brand="report",
        style=Html(Path(__file__).with_suffix(".css").read_text(encoding="utf-8")),
        lead=opening.lead(given),
        chapters=body,
        made_at=given.made_at,
    )
