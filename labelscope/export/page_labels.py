"""What a published page holds of each label: its page as the app shows it, each a record of JSON that is read once it is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from labelscope.export.page_block import Block
from labelscope.export.redaction import Redacted
from labelscope.export.scanned import Scanned
from labelscope.stats.splits import split_column

__all__ = ["label_pages_note", "put_label_pages"]


def put_label_pages(block: Block, scanned: Scanned, redaction: Redacted, place: np.ndarray) -> None:
    """The pages of labels, without what is left out. Texts and ids of items are not in them: the page has them already."""
    records = [_record(of, scanned, redaction, place) for of in scanned.label_pages.values()]
    block.put("page_labels", np.fromiter(scanned.label_pages, np.int64, len(records)))
    block.put("page_sizes", [len(record) for record in records])
    block.put("page_bytes", np.frombuffer(b"".join(records), np.uint8), "u1")


def label_pages_note(scanned: Scanned) -> tuple[str, ...]:
    """Which labels have no page here, where some have one."""
    n, n_labels = len(scanned.label_pages), scanned.dataset.n_labels
    return (f"Holds {n:,} of {n_labels:,} label pages: those of the commonest labels.",) if 0 < n < n_labels else ()


def _record(of: tuple[Mapping[str, Any], Mapping[str, Any]], scanned: Scanned, redaction: Redacted, place: np.ndarray) -> bytes:
    page, examples = of
    split = split_column(scanned.dataset)
    told = split is None or split in redaction.dataset.items.columns
    kept = {
        **page,
        "facts": [fact for fact in page["facts"] if told or fact["section"] != "Splits"],
        "shares": page["shares"] if told else [],
        "items": _shown(page["items"], place),
        "images": redaction.dataset.image is not None,
    }
    found = {**examples, "items": _shown(examples["items"], place)}
    return json.dumps({"page": kept, "examples": found}, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _shown(items: list[dict[str, Any]], place: np.ndarray) -> list[dict[str, Any]]:
    """Items by their place on the page; those that are not on it are left out."""
    return [
        {"row": int(place[item["row"]]), **{name: item[name] for name in ("kind", "other", "figure")}}
        for item in items
        if place[item["row"]] >= 0
    ]
