"""Publishing: from a session, an Explorer, a data set, or what the command line wrote, to one read-only page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from labelscope.data.arguments import checked
from labelscope.data.dataset import Dataset
from labelscope.data.files import check_target
from labelscope.data.inputs import input_files
from labelscope.errors import DataError
from labelscope.explorer.replies.reply import as_json
from labelscope.explorer.review_progress import report
from labelscope.session import Session

if TYPE_CHECKING:
    from labelscope.export.page import Published

__all__ = ["MOST_LABEL_PAGES", "publish"]

MOST_LABEL_PAGES = 300  # each takes some 50 ms to put together and 1 to 2 KB of the file


class HasSession(Protocol):
    """What shows a session, as an Explorer does."""

    session: Session


@checked
def publish(
    source: Dataset | Session | HasSession,
    path: str | PathLike[str],
    *,
    texts: bool = True,
    images: bool = True,
    max_items: int | None = None,
    redact: Sequence[str] = (),
    name: str | None = None,
) -> Published:
    """Write one HTML file that is the Explorer on a copy of the data: interactive, read-only, offline.

    It holds the map, the label space with the pages of its 300 commonest labels, the worklist with its evidence, health, voters
    and rules, the decisions and who made them, what reviewers disagree on, and the estimate of an audit if there was one. It
    needs no kernel and asks nothing of any network; text from data is escaped, and no script but the page's own can run. What it
    leaves out, it says at its top.

    Parameters
    ----------
    source : Dataset, Session or Explorer
        Stages that have not run are run first. The decisions are those that it knows: :meth:`Session.sync` takes in what
        others have decided since.
    path : str or path
        The file, replaced if it exists.
    texts, images : bool
        False leaves them out, and with the texts every column of free words (more than 100 values, or one of more than
        80 letters).
    max_items : int, optional
        Half of them the items with the surest suggestions, the other half an even sample of the rest. Counts of
        labels, pairs and relations stay those of all items.
    redact : sequence of str
        Columns to leave out. That of the ids replaces them by 1, 2, ...; "reviewer" and "rater" number people instead of
        naming them; "personal" does that, and replaces personal data in texts and columns by the name of their kind.
    name : str, optional
        Title. Default: that of the Explorer, or the name of the file that was read.

    Returns
    -------
    Published
        Path, size in bytes, items shown, and what was left out; prints as one line.

    Raises
    ------
    DataError
        If a column is unknown or holds the labels, the page would be larger than 100 MB, or it cannot be written.
    StageError
        If a stage that the data set allows fails.

    Examples
    --------
    >>> import labelscope as ls, tempfile
    >>> ds = ls.Dataset.from_arrays([[1, 0], [0, 1]] * 20, embeddings=[[k % 2, k / 40] for k in range(40)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = ls.publish(ls.Session(ds, ledger=f"{folder}/ledger.sqlite"), f"{folder}/page.html", max_items=10)
    >>> done.n_shown, done.n_bytes < 1_000_000, done.notes[0][:22]
    (10, True, 'Shows 10 of 40 items: ')
    """
    from labelscope.explorer.requests.registry import answers
    from labelscope.explorer.requests.request import Request
    from labelscope.explorer.state import ExplorerState
    from labelscope.export.page import publish as write_page
    from labelscope.export.redaction import redacted
    from labelscope.stages.empty import no_findings, no_suggestions
    from labelscope.stages.table import blocked, stage_of
    from labelscope.stats.cooccurrence import cooccurrence
    from labelscope.stats.long_tail import long_tail

    session = _session(source)
    dataset = session.dataset
    check_target(Path(path), name="publish", inputs=input_files(dataset))  # before any stage runs, as the next line
    redacted(dataset, texts=texts, images=images, redact=redact)
    allowed = "suggestions" in session.stages
    suggestions = session.suggestions if allowed else no_suggestions(dataset)
    findings = session.findings if allowed else no_findings(dataset)
    state = ExplorerState(session, lambda: None)
    state.take_suggestions(suggestions)
    state.take_findings(findings)
    if session.has_map:
        state.take_embeddings(session.embeddings)
        state.take_map(session.map, "UMAP")
    state.decisions.show_audit()  # the audit sample of earlier sessions
    said = report(session, state.decisions, state.sample, state.results)
    models = state.models.tables
    state.health.take(session.health)
    ask = answers(state, lambda path: path)

    def told(kind: str, **body: int) -> dict[str, Any]:
        return ask[kind](Request("", kind, body)).body

    commonest = np.argsort(-session.labels.n_positive, kind="stable")[:MOST_LABEL_PAGES]
    pages = {label: (told("label_page", label=label), told("label_examples", label=label)) for label in np.sort(commonest).tolist()}
    audit = None if said.audit is None else as_json(said.audit)
    return write_page(
        path, dataset=session.with_texts(dataset, guidelines=True), long_tail=long_tail(dataset),
        cooccurrence=cooccurrence(dataset), relations=session.relations,
        map=session.map if session.has_map else None, findings=findings, suggestions=suggestions, decisions=session.decisions,
        verdicts=session.verdicts, embeddings=session.embeddings if session.has_map else None, conflicts=state.conflicts.frame,
        remaining=asdict(said.remaining), audit=audit, name=name or getattr(source, "_title", None),
        voters=state.voters.words, agreed=state.agreed.mask, sources=state.sources.told, health=state.health.told,
        groups=state.groups.told, regions=state.regions.told, label_pages=pages, raters=told("raters"), rules=told("rules"),
        models={average: as_json(told) for average, told in models.items()} or None,
        texts=texts, images=images, max_items=max_items, redact=redact, absent=blocked(stage_of("suggestions"), dataset),
    )  # fmt: skip


def _session(source: Dataset | Session | HasSession) -> Session:
    if isinstance(source, Session):
        return source
    if isinstance(source, Dataset):
        return Session(source)
    session = getattr(source, "session", None)
    if not isinstance(session, Session):
        raise DataError(f"publish: expected a data set, a session or an Explorer, got {type(source).__name__}; a notebook or a scanned "
                        "folder is published by the command `labelscope publish`")  # fmt: skip
    return session
