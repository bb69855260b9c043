"""What a published page holds of sources, health and novel groups: tables as JSON, and which of its items or cells each row is about."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from labelscope.export.page_block import Block
from labelscope.export.redaction import Redacted
from labelscope.export.scanned import Scanned
from labelscope.issues.hot_spots import spot_title
from labelscope.issues.slices import TEXT_LENGTH

__all__ = ["put_groups", "put_health", "put_regions", "put_sources"]

MOST_NAMED = 200_000  # items or cells of a finding: of more, the page holds the sentence alone


def put_sources(block: Block, scanned: Scanned, redaction: Redacted, shown: np.ndarray, place: np.ndarray) -> dict[str, Any]:
    """The tables of sources without the columns that are left out, and which of the shown items each row is about."""
    if scanned.sources is None:
        return {"sources": {}, "slices": [], "personal": []}
    of, named = scanned.sources, _named(redaction)
    tables = {
        basis: {part: [row for row in rows if row["column"] in named] if isinstance(rows, list) else rows for part, rows in table.items()}
        for basis, table in of.tables.items()
    }
    slices: list[dict[str, Any]] = []
    personal: list[dict[str, Any]] = []
    for k, one in enumerate(one for one in of.slices if one.column in named):
        block.put(f"slice{k}", one.codes[shown] + 1)
        slices.append({"column": one.column, "values": list(one.values), "array": f"slice{k}"})
    for (column, kind), rows in of.personal.places.filter(pl.col("column").is_in(list(named))).group_by("column", "kind"):
        places = place[rows["row"].to_numpy()]
        personal.append({"column": column, "kind": kind, "array": f"personal{len(personal)}"})
        block.put(personal[-1]["array"], np.sort(places[places >= 0]))
    return {"sources": tables, "slices": slices, "personal": personal}


def put_health(block: Block, scanned: Scanned, redaction: Redacted, place: np.ndarray) -> dict[str, Any] | None:
    """The findings on columns that are not left out, and which of the shown items or cells each is about."""
    if scanned.health is None:
        return None
    rows: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for row in scanned.health.report["rows"]:
        if row["column"] and row["column"] not in _named(redaction):
            continue
        title, part = scanned.health.parts.get(row["check"], ("", None))
        if part is None or len(part.rows) > MOST_NAMED:
            rows.append({**row, "items": None, "cells": None})
            continue
        here, array = place[part.rows], f"health{len(parts)}"
        block.put(array, here[here >= 0])
        if part.labels is not None:
            block.put(f"{array}_labels", part.labels[here >= 0])
        parts.append({"check": row["check"], "title": title, "array": array, "cells": part.labels is not None})
        rows.append(row)
    return {"report": {**scanned.health.report, "rows": rows}, "parts": parts}


def put_groups(block: Block, scanned: Scanned, redaction: Redacted, place: np.ndarray) -> dict[str, Any] | None:
    """The groups that no label explains, and which of the shown items are in each; words of texts that are left out are not in it."""
    if scanned.groups is None:
        return None
    bare = _hides_words(scanned, redaction)
    groups: list[dict[str, Any]] = []
    arrays: dict[str, str] = {}
    for k, of in enumerate(scanned.groups.report["groups"]):
        here = place[scanned.groups.parts[of["key"]]]
        arrays[of["key"]] = f"group{k}"
        block.put(f"group{k}", np.sort(here[here >= 0]))
        placed = [int(place[one["row"]]) for one in of["examples"]]
        shown = [{"row": row, "item": "", "text": ""} for row in placed if row >= 0]  # the page writes them, of its own texts
        groups.append({**of, "examples": shown})
        if bare:
            name = f"Group {k + 1}" if of["name"] == of["proposed"] else of["name"]
            groups[-1] |= {"words": [], "name": name, "proposed": f"Group {k + 1}"}
    report = {**scanned.groups.report, "groups": groups, "images": redaction.dataset.image is not None}
    return {"report": report, "arrays": arrays}


def put_regions(block: Block, scanned: Scanned, redaction: Redacted, shown: np.ndarray, place: np.ndarray) -> dict[str, Any] | None:
    """What is written on the map, and which of the shown items or cells each name is about; as :func:`put_groups` without words."""
    if scanned.regions is None:
        return None
    of, bare = scanned.regions, _hides_words(scanned, redaction)
    names = [f"Region {k + 1}" if bare else one["name"] for k, one in enumerate(of.report["regions"])]
    told = {one["name"]: name for one, name in zip(of.report["regions"], names, strict=True)}
    known = [
        {**one, "name": name, "row": max(0, int(place[one["row"]]))} for one, name in zip(of.report["regions"], names, strict=True)
    ]  # the item of a region need not be in the copy
    levels = [f"regions{level}" for level in range(len(of.codes))]
    for array, codes in zip(levels, of.codes, strict=True):
        block.put(array, codes[shown] + 1)
    block.put("region_lines", of.lines.ravel(), "f4")
    spots = [{**spot, "region": told[spot["region"]]} for spot in of.report["spots"]]
    for k, (rows, labels) in enumerate(of.spots):
        here = place[rows]
        block.put(f"spot{k}", here[here >= 0])
        block.put(f"spot{k}_labels", labels[here >= 0])
    titles = [spot_title(spot["label"], spot["kind"], spot["region"]) for spot in spots]
    groups = [] if bare else of.report["groups"]
    report = {**of.report, "images": redaction.dataset.image is not None, "regions": known, "spots": spots, "groups": groups}
    return {"report": report, "levels": levels, "lines": "region_lines", "spots": "spot", "titles": titles}


def _hides_words(scanned: Scanned, redaction: Redacted) -> bool:
    """Whether words that were proposed, of texts or of ids, may be what is left out."""
    before, now = scanned.dataset, redaction.dataset
    hidden = before.text != now.text or redaction.masked.intersection([before.text, *before.text_columns])
    return bool(hidden) or not before.item_ids.equals(now.item_ids)


def _named(redaction: Redacted) -> set[str]:
    """The columns that a page may name."""
    dataset = redaction.dataset
    return {*dataset.items.columns, *([TEXT_LENGTH] if dataset.text is not None else [])} - redaction.masked
