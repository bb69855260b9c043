"""The answers to the view's requests, one function a kind.

Items and labels travel by position and come back with their names; everything that is as long as the data set
travels as bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from labelscope.errors import DataError
from labelscope.explorer.colouring import ways
from labelscope.explorer.map_sample import in_sight
from labelscope.explorer.messages import Reply, Request
from labelscope.explorer.requests import labels, pairs, relations, review, selection
from labelscope.explorer.requests.attribution import attribution
from labelscope.explorer.requests.evidence import evidence
from labelscope.explorer.review_progress import report
from labelscope.explorer.state import Board
from labelscope.review.defaults import default_reviewer
from labelscope.views.thumbnails import thumbnail

__all__ = ["answers", "export_path", "guessed"]

N_TOP_LABELS = 60
N_FOUND = 50
LONGEST_NAME = 80


def answers(board: Board, export: Callable[[str], Any]) -> Mapping[str, Callable[[Request], Reply]]:
    """Handlers by kind.

    Parameters
    ----------
    board : Board
    export : callable
        Writes the corrected table to a path and returns what it wrote.
    """
    kinds = {
        "open": _open, "map": _map, "colours": _colours, "text": _text, "hover": _hover, "thumbnail": _thumbnail, "labels": _labels,
        "rename": _rename,
        "evidence": evidence, "attribution": attribution, "progress": lambda board, _: Reply(report(board)),
        **selection.KINDS, **review.KINDS, **labels.KINDS, **pairs.KINDS, **relations.KINDS,
    }  # fmt: skip
    return {**{kind: partial(answer, board) for kind, answer in kinds.items()}, "export": partial(_export, export)}


def export_path(board: Board) -> str:
    """Where an export goes unless the person says otherwise: beside the data."""
    source = board.dataset.source
    path = None if source is None else source.path
    if path is None:
        return "labels.corrected.parquet"
    place = path.with_name(f"{path.stem}.corrected{path.suffix}")
    try:
        return place.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(place)


def _open(board: Board, request: Request) -> Reply:
    """What the data set is; with the map and its colours where they are there: the first frame takes one question."""
    dataset = board.dataset
    placed, coloured = _map(board, request), _colours(board, Request(request.id, "colours", {"by": "labels"}))
    top = np.argsort(-dataset.labels.n_positive, kind="stable")[:N_TOP_LABELS]
    return Reply(
        {
            "n_items": dataset.n_items,
            "n_labels": dataset.n_labels,
            "labels": [_label(board, int(k)) for k in top],
            "image": dataset.image is not None,
            "text": dataset.text is not None,
            "export_path": export_path(board),
            "reviewer": board.session.reviewer,
            "guessed": guessed(board),
            "colours": ways(board),
            "map": placed.body,
            "legend": coloured.body["legend"] if placed.buffers else [],
        },
        [*placed.buffers, *coloured.buffers] if placed.buffers else [],
    )


def guessed(board: Board) -> bool:
    """Whether nobody said who reviews: the name is that of the account, which several people may share."""
    told = os.environ.get("LABELSCOPE_REVIEWER", "").strip()
    return not told and board.session.reviewer == default_reviewer()


def _rename(board: Board, request: Request) -> Reply:
    board.session.reviewer = request.text("name")[:LONGEST_NAME]
    board.renamed()
    return Reply({"reviewer": board.session.reviewer})


def _map(board: Board, request: Request) -> Reply:
    if board.xy is None:
        return Reply({"version": 0, "method": "", "total": 0})
    body = {"version": board.versions["map"], "method": board.map_method, "total": len(board.xy)}
    rows = in_sight(board.xy, request.decimals("bounds"))
    if rows is None:
        return Reply(body, [board.xy.tobytes()])
    return Reply(body, [board.xy[rows].tobytes(), rows.astype(np.uint32).tobytes()])


def _colours(board: Board, request: Request) -> Reply:
    colours = board.colours(request.text("by"), request.number("label", 0), request.text("column", ""))
    return Reply({"legend": colours.legend}, [colours.codes.tobytes()])


def _text(board: Board, request: Request) -> Reply:
    return Reply({"text": board.cards.text(_row(board, request))})


def _hover(board: Board, request: Request) -> Reply:
    return Reply(board.cards.title(_row(board, request)))


def _thumbnail(board: Board, request: Request) -> Reply:
    return Reply({"type": "image/webp"}, [thumbnail(board.dataset, _row(board, request))])


def _labels(board: Board, request: Request) -> Reply:
    """Labels whose name holds the query, those that begin with it first, then the commoner ones."""
    query = request.text("query", "").strip().lower()
    names = board.dataset.label_names
    found = [k for k, name in enumerate(names) if query in name.lower()]
    found.sort(key=lambda k: (not names[k].lower().startswith(query), -int(board.dataset.labels.n_positive[k])))
    row = request.number("row", -1)
    labels = [_label(board, k) for k in found[:N_FOUND]]
    if row >= 0:
        labels = [{**label, "chip": board.cards.chip(_row(board, request), label["label"])} for label in labels]
    return Reply({"labels": labels, "total": len(found)})


def _label(board: Board, label: int) -> dict[str, Any]:
    return {"label": label, "name": board.dataset.label_names[label], "count": int(board.dataset.labels.n_positive[label])}


def _row(board: Board, request: Request) -> int:
    row = request.number("row")
    if not 0 <= row < board.dataset.n_items:
        raise DataError(f"expected an item from 0 to {board.dataset.n_items - 1}, got {row}; reload the view")
    return row


def _export(export: Callable[[str], Any], request: Request) -> Reply:
    path = request.text("path").strip()
    if not path:
        raise DataError("export: expected a file name, got none")
    return Reply({"summary": str(export(path))})
