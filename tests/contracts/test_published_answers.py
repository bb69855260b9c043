"""A published page answers as the app does, or refuses by name: the same requests go to both, and every answer is of its type."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from labelscope.data.dataset import Dataset
from labelscope.errors import LabelscopeError
from labelscope.explorer.messages import ASKED
from labelscope.explorer.publish import publish
from labelscope.explorer.replies.kinds import ANSWERED
from labelscope.explorer.requests.registry import answers
from labelscope.explorer.requests.request import Request
from labelscope.explorer.state import ExplorerState
from labelscope.issues.find import Findings
from labelscope.session import Session
from labelscope.space.project import EmbeddingMap
from labelscope.stats.cooccurrence import cooccurrence
from labelscope.suggest.novel import NovelLabels
from labelscope.suggest.relabel import Suggestions
from labelscope.voters.rule_file import SavedRule

WIDGETS = Path(__file__).resolve().parents[2] / "extensions" / "widgets"
ESBUILD = WIDGETS / "node_modules" / ".bin" / "esbuild"
N = 60
LABELS = ("Cat", "dog", "tree", "car")
READ_ONLY = "it can be read, not changed"
CHANGES = {
    "unknown",
    "unknown_decide",
    "unknown_accept",
    "rest_draw",
    "rest",
    "rest_accept",
    "grid",
    "grid_apply",
    "groups_find",
    "group_say",
    "grow",
    "grow_selected",
    "grow_judge",
    "grow_undo",
    "label_text",
    "proposal",
    "proposal_apply",
    "decide",
    "edit",
    "confirm",
    "judge",
    "audit",
    "rename",
    "undo",
    "reasons",
    "reason",
    "reason_kinds",
    "redo",
    "rule",
    "rule_try",
    "rule_save",
    "rule_delete",
    "rule_undo",
    "rule_words",
    "rules_export",
    "rules_import",
    "batch",
    "batch_apply",
    "bulk",
    "bulk_apply",
    "export",
    "run",
    "cancel",
    "reconsider",
    "static_view",
    "raters_export",
    "join",
    "join_write",
    "ask_preview",
    "ask",
    "ask_stop",
    "ask_resume",
}
OF_THE_WIDGET = {"leave", "state", "run", "cancel", "reconsider", "static_view", "groups_find"}
GROUPS = ([3, 9, 4], [11, 30])  # items of groups that no label explains
GROUP_KEYS = ("430c672353bb6981", "2e6559e8ee325e38")  # what the app makes of them
WITHOUT = {
    "models": "nobody had audited the labels",
    "attribution": "need the model",
    "pair_grid": "not in a published copy",
    "proposals": "not in a published copy",
}
ONE_SIDED = {  # what differs on purpose: names of suggestions and lists, what needs the model, and what says that it is a copy
    "id", "listing", "probability", "companions", "without", "version", "decisions", "reviewer", "export_path", "guessed", "map", "legend",
    "verdict", "image", "per_minute", "seconds", "repairs_per_hour", "expected", "searched", "counts", "notes", "summary", "whole",
    "ask_next", "ambiguous", "label_next",
}  # fmt: skip
OF_KIND = {"label_page": {"query", "cells"}, "label_examples": {"query"}, "rules": {"undo", "path"}}  # and in these replies
KEPT = {"worklist": {"counts", "verdict"}, "evidence": {"verdict"}, "colours": {"legend"}, "selection": {"counts"}, "filter": {"counts"}}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    rng = np.random.default_rng(3)
    states = (rng.random((N, 4)) < [0.5, 0.3, 0.3, 0.1]).astype(np.int8)
    states[5] = -1
    items = pl.DataFrame({
        "item_id": [f"i{k}" for k in range(N)],
        "text": [f"text {k} about {'Birds' if k % 3 else 'fish'}{' a@example.org' * (k % 20 == 0)}" for k in range(N)],
        "split": [("train", "test")[k % 2] for k in range(N)], "score": np.linspace(0, 1, N),
    })  # fmt: skip
    X = rng.normal(size=(N, 6)).astype(np.float32)
    voted = [(row, k) for row in range(0, N, 2) for k in range(2) if row != 6]
    said = [(f"i{row}", rater, LABELS[k], (row + k + len(rater)) % 2) for row, k in voted for rater in ("ann", "jo")]
    votes = pl.DataFrame(said, schema=["item_id", "rater", "label", "value"], orient="row")
    dataset = Dataset.from_arrays(states, label_names=LABELS, items=items, text="text", embeddings=X, votes=votes)
    cells = [(row, label) for row in range(0, N, 2) for label in range(3) if states[row, label] >= 0 and (row + label) % 3]
    suggested = Suggestions(pl.DataFrame({
        "suggestion_id": [f"s{k}" for k in range(len(cells))], "item_id": [f"i{row}" for row, _ in cells],
        "label": [LABELS[label] for _, label in cells], "action": ["remove" if states[cell] else "add" for cell in cells],
        "confidence": np.linspace(0.9, 0.2, len(cells)).astype("f4"), "reason": ["because"] * len(cells),
        "batch_id": [(None, "b1", "b2")[row % 3 if label == 1 else 0] for row, label in cells],
    }))  # fmt: skip
    looked = [(row, row % 4, int(states[row, row % 4])) for row in range(0, N, 3)]
    flagged = pl.DataFrame({
        "item_id": [f"i{row}" for row, _, _ in looked], "label": [LABELS[label] for _, label, _ in looked], "suspicion": 0.5,
        "given": [state for *_, state in looked], "kind": ["spurious" if state == 1 else "missing" for *_, state in looked],
        "flagged": [row % 2 == 0 for row, _, _ in looked],
        "confidence": [0.5 for _ in looked],
    })  # fmt: skip
    suspicion = pl.DataFrame({"item_id": items["item_id"], "suspicion": np.round(rng.random(N), 2), "n_flagged": [1] * N})
    ledger = tmp_path_factory.mktemp("replayed") / "ledger.sqlite"
    opened = Session(dataset, ledger=ledger, reviewer="ann", suggestions=suggested)
    rates = pl.DataFrame({"label": LABELS, "miss_rate": [0.1] * len(LABELS)})
    opened.once("findings", lambda _: Findings(flagged, items=suspicion, not_scored=(), miss_rates=rates))
    places = rng.normal(size=(N, 2)).astype(np.float32)
    opened.once("map", lambda _: EmbeddingMap(pl.DataFrame({"item_id": items["item_id"], "x": places[:, 0], "y": places[:, 1]})))
    opened.once("novel_labels", lambda _: novel_groups())
    opened.dismiss_group(1)
    opened.name_group(0, "slow <b>cars</b>")
    opened.accept("s0")
    opened.reject("s1")
    opened.skip("s2")
    opened.accept("s3")
    opened.edit("i7", "car", 1)
    opened.voters.save(SavedRule("fishy", "dog", query="text:fish"))
    judged = pl.DataFrame({"item_id": ["i0", "i2"], "label": [LABELS[1], LABELS[2]], "value": [1, -1], "reason": ["<b>yes</b>", ""]})
    opened.voters.keep(judged.with_columns(rater=pl.lit("llm")))
    bob = Session(dataset, ledger=ledger, reviewer="bob", suggestions=suggested)
    bob.reject("s3")
    bob.close()
    opened.sync()
    yield opened
    opened.close()


def novel_groups():
    """Two groups that somebody might have found."""
    members = [(group, f"i{row}", place + 1) for group, rows in enumerate(GROUPS) for place, row in enumerate(rows)]
    frame = pl.DataFrame({
        "group": [0, 1], "name": ["fish, birds", "text"], "n_items": [len(rows) for rows in GROUPS], "stability": [0.91, 0.62],
        "words": [["fish", "birds", "about"], ["text"]], "nearest": ["Cat", None], "nearest_share": [0.5, 0.0],
    }, schema_overrides={"nearest": pl.String})  # fmt: skip
    return NovelLabels(frame, members=pl.DataFrame(members, schema=["group", "item_id", "exemplar"], orient="row"), n_alone=N - 5)


@pytest.fixture(scope="module")
def live(session):
    board = ExplorerState(session, lambda: None)
    board.take_map(session.map, "map")
    board.take_embeddings(session.embeddings)
    board.take_findings(session.findings)
    board.take_suggestions(session.suggestions)
    board.take_cooccurrence(cooccurrence(session.dataset))
    board.take_relations(session.relations)
    board.take_health(session.health)
    board.decisions.show_audit()
    return answers(board, lambda path: path)


def asked() -> list[tuple[str, dict, list[bytes]]]:
    """At least one request of every kind, in an order in which they build on one another."""
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32).tobytes()
    page = {"listing": "", "query": "", "offset": 0, "limit": 100}
    queues = ("pending", "accepted", "rejected", "skipped", "all", "conflicts", "audit")
    sorts = ("count", "rare", "name", "selected", "suggested")
    orders = ("confidence", "rare", "label", "group", "suspicion", "uncertain", "shuffled", "data")
    ways = [("labels", ""), ("suspicion", ""), ("review", ""), ("number", ""), ("column", "split"), ("column", "score"), ("label", "")]
    queries = (
        "cat AND NOT dog", "car:? OR tree:no", "split:test score>=0.5", 'text:"about fish"', "id:i7", "suspicion>0.5", "labels>1",
        "add:dog", "REMOVE:cat OR tree", "missing:cat", "spurious:dog AND NOT add:tree", "unknown:car", "decided:dog", "by:bob", "by:ANN",
        "column:split:test", "NOT add:dog",
        *(f"is:{word}" for word in ("pending", "accepted", "rejected", "skipped", "suggested", "added", "removed", "changed", "conflict")),
    )  # fmt: skip
    plain = [
        ("open", {"view": "v"}), ("map", {}), *(("colours", {"by": by, "label": 1, "column": column}) for by, column in ways),
        ("text", {"row": 4}), ("hover", {"row": 0}), ("thumbnail", {"row": 0}), ("picture", {"row": 0}),
        ("labels", {"query": "c", "row": -1}),
        ("labels", {"query": "", "row": 6}), ("progress", {}), ("find", {"query": ""}), ("find", {"query": "FISH"}),
        ("find", {"query": "dog"}), ("find", {"query": "I7"}), ("count", {"queries": list(queries)}),
        *(("worklist", {**page, "queue": queue, "order": order}) for queue in queues for order in orders),
        *(("worklist", {**page, "queue": queue, "order": "data", "query": "dog"}) for queue in queues[:-1]),
        *(("evidence", {"row": row, "label": label}) for row, label in ((0, 1), (2, 2), (6, 0), (7, 3), (12, 1))),
        *(("label_table", {"sort": sort, "query": "", "offset": 0, "limit": 60}) for sort in sorts),
        ("pair_matrix", {"label": -1, "n": 24, "order": "count"}), ("relation_table", {"relation": "", "query": ""}),
        *(("sources", {"basis": basis}) for basis in ("", "suspicion", "decided")), ("health", {}), ("raters", {}), ("rules", {}),
        *((kind, {"label": label}) for label in range(4) for kind in ("label_page", "label_examples")),
        *(
            one
            for query in queries
            for one in (
                ("filter", {"by": "query", "text": query}), ("worklist", {**page, "queue": "pending", "order": "confidence"}),
                ("worklist", {**page, "queue": "all", "order": "data"}), ("worklist", {**page, "queue": "conflicts", "order": "data"}),
                ("select", {"rows": []}),
            )
        ),
        ("filter", {"by": "suggested", "label": 1, "action": "add"}), ("filter", {"by": "suggested", "label": 2, "action": "remove"}),
        ("worklist", {**page, "queue": "pending", "order": "rare"}), ("select", {"rows": []}),
        ("filter", {"by": "label", "label": 1, "state": 0}), ("filter", {"by": "pair", "a": 0, "b": 2}), ("unfilter", {"key": "F29"}),
        ("filter", {"by": "relation", "relation": "implies", "a": "Cat", "b": "dog"}), ("negate", {"key": "F31"}), ("selection", {}),
        ("worklist", {**page, "queue": "pending", "order": "shuffled"}), ("filter", {"by": "item", "row": 8}), ("select", {"rows": [1, 2]}),
        ("filter", {"by": "similar", "row": 0, "k": 25}), ("select", {"rows": []}),
        ("filter", {"by": "source", "column": "split", "value": "test"}), ("filter", {"by": "source", "column": "split", "value": "train"}),
        ("filter", {"by": "personal", "column": "text", "kind": "e-mail address"}), ("select", {"rows": []}),
        ("groups", {}), *(("filter", {"by": "group", "key": key}) for key in GROUP_KEYS), ("select", {"rows": []}),
        ("regions", {}), ("filter", {"by": "place", "what": "region", "made": 1, "at": 0}), ("select", {"rows": []}),
        ("filter", {"by": "health", "check": "unknown"}), ("worklist", {**page, "queue": "all", "order": "data"}),
        ("filter", {"by": "health", "check": "rare"}), ("select", {"rows": []}),
        *(
            one
            for figure, rows in (("given", []), ("changed", []), ("exemplar", [4, 8]), ("borderline, given", [7, 3]), ("confused", [9]))
            for one in (
                ("filter", {"by": "figure", "label": 1, "figure": figure, "rows": rows}),
                ("worklist", {**page, "queue": "all", "order": "data"}), ("select", {"rows": []}),
            )
        ),
        ("leave", {"view": "v"}), ("state", {}),
    ]  # fmt: skip
    drawn = [("lasso", {"mode": "replace"}, [square]), ("brush", {"mode": "add", "radius": 0.3}, [square]), ("select", {"rows": []}, [])]
    cell = {"row": 0, "label": 1}
    refused = [
        ("decide", {"suggestion": "s4", "verdict": "accept"}), ("edit", {**cell, "state": 1, "suggestion": ""}),
        ("confirm", {"row": 0, "suggestion": ""}),
        ("judge", {**cell, "verdict": "right"}), ("audit", {"n": 5}), ("rename", {"name": "bob"}), ("undo", {}), ("redo", {}),
        ("reasons", {}), ("reason", {"about": 1, "reason": "clearly wrong"}), ("reason_kinds", {"kinds": ["clearly wrong"]}),
        ("ask_preview", {"listing": "L1", "n": 5}), ("ask", {"listing": "L1", "n": 5, "cells": 5}), ("ask_stop", {}), ("ask_resume", {}),
        *((kind, {}) for kind in ("rule_undo", "models")),
        ("raters_export", {"what": "soft", "path": "x"}), ("rules_export", {"path": "x"}), ("rules_import", {"path": "x"}),
        *((kind, {"name": "r", "label": "dog", "words": ["x"]}) for kind in ("rule_try", "rule_save")),
        ("rule_delete", {"rule_id": "x"}), ("rule_words", {"label": "dog"}),
        ("rule", {"a": "Cat", "relation": "implies", "b": "dog", "verdict": "confirm"}),
        ("batch", {"listing": "L1", "like": "", "above": 0}),
        ("batch_apply", {"listing": "L1", "like": "", "above": 0, "total": 1, "verdict": "accept"}), ("export", {"path": "x"}),
        ("unknown", {"listing": "L1"}), ("unknown_decide", {**cell, "verdict": "accept"}),
        ("unknown_accept", {**cell, "state": 1, "total": 1}),
        ("rest_draw", {"listing": "L1"}), ("rest", {"alpha": 0.1}), ("rest_accept", {"alpha": 0.1, "total": 1}),
        ("grid", {"listing": "L1", "at": 0}), ("grid_apply", {"label": 1, "state": 1, "rows": [0], "wrong": []}),
        ("bulk", {"do": "add", "label": 1}), ("bulk_apply", {"do": "add", "label": 1, "selection": 1, "total": 1}),
        *((kind, {}) for kind in ("run", "cancel", "reconsider", "static_view")), ("attribution", cell),
        ("pair_grid", {"down": [], "across": [], "most": 40}),
        ("label_text", {"label": 1, "description": "a", "guideline": ""}), ("proposals", {"label": 1}),
        ("proposal", {"edit_id": "x", "into": ""}), ("proposal_apply", {"edit_id": "x", "into": "", "cells": 1}),
        ("groups_find", {}), ("group_say", {"key": GROUP_KEYS[0], "do": "dismiss"}),
        ("grow", {"label": "boat"}), ("grow_selected", {"label": "boat"}), ("grow_judge", {"label": "boat", "row": 0, "state": 1}),
        ("grow_undo", {"label": "boat"}), ("join", {"path": "x"}), ("join_write", {"made": 1, "confirmed": [], "path": "x"}),
    ]  # fmt: skip
    return [*((*one, []) for one in plain), *drawn, *((*one, []) for one in refused)]


@pytest.fixture(scope="module")
def replayed(session, tmp_path_factory):
    """What the page answers."""
    return page_answers(session, asked(), tmp_path_factory.mktemp("page"))


def page_answers(session, requests, folder):
    if not ESBUILD.is_file() or shutil.which("node") is None:
        pytest.skip("needs node and the front end's compilers; run python extensions/build.py")
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr("labelscope.export.markup.png", lambda *_, **__: b"")  # of the figures without JavaScript
        page = publish(session, folder / "page.html").path.read_text("utf-8")
    script = folder / "replay.cjs"
    bundle = [ESBUILD, WIDGETS / "test" / "replay.ts", "--bundle", "--platform=node", "--format=cjs", f"--outfile={script}"]
    subprocess.run(bundle, check=True, capture_output=True)
    requests = [{"kind": k, "body": body, "buffers": [base64.b64encode(b).decode() for b in bs]} for k, body, bs in requests]
    told = json.dumps({"data": re.search(r'id="data">([^<]*)<', page)[1], "requests": requests})
    run = f"require({json.dumps(str(script))}).replay(require('fs').readFileSync(0, 'utf-8')).then(said => process.stdout.write(said))"
    done = subprocess.run(["node", "-e", run], input=told, text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def test_every_request_is_answered_alike_or_refused_by_name(live, replayed):
    differ = []
    for (kind, body, buffers), page in zip(asked(), replayed, strict=True):
        if kind in CHANGES or kind in WITHOUT:
            assert not page["ok"]
            assert WITHOUT.get(kind, READ_ONLY) in page["error"]
            continue
        if kind in OF_THE_WIDGET:  # whose own tests ask it
            msgspec.convert(page["body"], ANSWERED[kind])
            continue
        if kind in {"thumbnail", "picture"}:  # this data set has no images, and both say so
            assert not page["ok"]
            with pytest.raises(LabelscopeError):
                live[kind](Request("1", kind, body))
            continue
        reply = live[kind](Request("1", kind, body, [memoryview(b) for b in buffers]))
        assert page["ok"], (kind, body, page.get("error"))
        told = json.loads(json.dumps(reply.body))
        for body_of in (told, page["body"]):
            msgspec.convert(body_of, ANSWERED[kind])
        known, sent = same(kind, told), same(kind, page["body"])
        if found := difference(known, sent):
            differ.append(f"{kind} {body}: {found}")
        elif kind not in {"open", "map", "pair_matrix"} and [base64.b64encode(b).decode() for b in reply.buffers] != page["buffers"]:
            differ.append(f"{kind} {body}: other bytes")
    assert not differ, "\n".join(differ)


def test_the_two_halves_of_a_replacement_are_one_entry_of_the_page_as_of_the_app(tmp_path):
    X = np.eye(4, 3, dtype=np.float32)
    dataset = Dataset.from_arrays([["anger"], ["love"], ["joy"], ["love"]], embeddings=X, labels_per_item="one")
    nothing = pl.DataFrame(schema={"item_id": pl.Int64, "label": pl.String, "suspicion": pl.Float32, "given": pl.Int8, "kind": pl.String})
    scored = pl.DataFrame({"item_id": range(4), "suspicion": [0.0] * 4, "n_flagged": [0] * 4})
    halves = [("0+", 0, "love", "add", 0.8, "anger"), ("0-", 0, "anger", "remove", 0.9, "love"), ("1-", 1, "love", "remove", 0.7, None)]
    columns = ["suggestion_id", "item_id", "label", "action", "confidence", "swap"]
    suggested = Suggestions(pl.DataFrame(halves, schema=columns, orient="row").with_columns(reason=pl.lit("because")))
    with closing(Session(dataset, ledger=tmp_path / "l.sqlite", suggestions=suggested)) as one_each:
        flagged = nothing.with_columns(flagged=pl.lit(value=False), confidence=pl.lit(0.5))
        one_each.once("findings", lambda _: Findings(flagged, items=scored, not_scored=()))
        one_each.once("map", lambda _: EmbeddingMap(pl.DataFrame({"item_id": range(4), "x": X[:, 0], "y": X[:, 1]})))
        board = ExplorerState(one_each, lambda: None)
        board.take_suggestions(suggested)
        app = answers(board, lambda path: path)["worklist"]
        body = {"listing": "", "query": "", "offset": 0, "limit": 100, "order": "confidence"}
        queues = [("worklist", {**body, "queue": queue}, []) for queue in ("pending", "all")]
        page = page_answers(one_each, queues, tmp_path)
        for (kind, asked_body, _), reply in zip(queues, page, strict=True):
            told = json.loads(json.dumps(app(Request("1", kind, asked_body)).body))
            assert difference(same(kind, told), same(kind, reply["body"])) is None
            assert told["counts"]["pending"] == reply["body"]["counts"]["pending"] == 2
        assert [(entry["item"], entry["label"]) for entry in page[0]["body"]["entries"]] == [("0", 2), ("1", 2)]


def test_models_are_in_the_page_where_somebody_audited(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3)).astype(np.float32)
    truth = (X[:, :2] > 0).astype(np.int8)
    dataset = Dataset.from_arrays(
        np.where(rng.random(truth.shape) < 0.1, 1 - truth, truth), label_names=["cat", "<b>dog</b>"], embeddings=X
    )
    with closing(Session(dataset, ledger=tmp_path / "l.sqlite")) as audited:
        cells = audited.audit(60).cells
        audited.edit_all((i, k, int(truth[i, dataset.label_position(k)])) for i, k in cells.select("item_id", "label").iter_rows())
        audited.models |= {"<i>good</i>": truth, "bad": 1 - truth}
        live = answers(ExplorerState(audited, lambda: None), lambda path: path)
        requests = [("models", {"average": average}, []) for average in ("micro", "macro")]
        for (kind, body, _), reply in zip(requests, page_answers(audited, requests, tmp_path), strict=True):
            told = json.loads(json.dumps(live[kind](Request("1", kind, body)).body))
            assert told == reply["body"]
            assert [row["model"] for row in told["rows"][:2]] == ["<i>good</i>", "bad"]
            assert told["pairs"][0]["better"] == "<i>good</i>"


def test_the_page_of_a_label_offers_the_filters_that_the_copy_can_answer_and_no_other(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3)).astype(np.float32)
    states = np.column_stack([X[:, 0] > 0.3, X[:, 0] + 0.6 * X[:, 1] > 0.3, X[:, 2] > 1]).astype(np.int8)
    states = np.where(rng.random(states.shape) < 0.05, 1 - states, states)
    votes = [(row, rater, "cat", int(states[row, 0]) if rater == "jo" else row % 2) for row in range(40) for rater in ("ann", "jo")]
    dataset = Dataset.from_arrays(
        states, label_names=["cat", "<b>dog</b>", "car"], embeddings=X,
        items=pl.DataFrame({"item_id": range(300), "split": [("train", "test")[k % 2] for k in range(300)]}),
        votes=pl.DataFrame(votes, schema=["item_id", "rater", "label", "value"], orient="row"),
    )  # fmt: skip
    with closing(Session(dataset, ledger=tmp_path / "l.sqlite")) as learned:
        learned.edit(7, "cat", 1 - int(states[7, 0]))
        _ = learned.suggestions, learned.findings
        live = answers(ExplorerState(learned, lambda: None), lambda path: path)
        requests = [(kind, {"label": label}, []) for label in range(3) for kind in ("label_page", "label_examples")]
        known, offered, listed = [], [], set()
        for (kind, body, _), page in zip(requests, page_answers(learned, requests, tmp_path), strict=True):
            told = json.loads(json.dumps(live[kind](Request("1", kind, body)).body))
            assert difference(same(kind, told), same(kind, page["body"])) is None
            for part in ("facts", "rules", "shares", "confused", "goes_with"):
                known += [row["query"] for row in told.get(part, [])]
                offered += [row["query"] for row in page["body"].get(part, [])]
            facts = zip(told.get("facts", []), page["body"].get("facts", []), strict=True)
            listed |= {(before["figure"], after["cells"]) for before, after in facts if before["cells"]}
        assert listed == {("given", True), ("changed", True), ("disagreement", False)}  # the votes of all raters are not in the copy
        counts = page_answers(learned, [("count", {"queries": known}, [])], tmp_path)[0]["body"]["found"]
        assert offered == [query if not counted["error"] else "" for query, counted in zip(known, counts, strict=True)]
        dropped = {query for query, kept in zip(known, offered, strict=True) if query and not kept}
        assert dropped
        assert all(">=" in query for query in dropped)  # what asks for a probability of the model
        assert sum(bool(query) for query in offered) > 20


def test_requests_of_every_kind_are_replayed(live):
    assert {kind for kind, _, _ in asked()} == set(live) | OF_THE_WIDGET == set(ANSWERED) == set(ASKED)


def same(kind: str, value):
    """What both should say alike: without what differs on purpose."""
    if isinstance(value, dict):
        dropped = (ONE_SIDED | OF_KIND.get(kind, set())) - KEPT.get(kind, set())
        return {key: same(kind, of) for key, of in value.items() if key not in dropped and of is not None}
    if isinstance(value, list):
        return [same(kind, of) for of in value]
    return value


def difference(app, page, path=""):
    """Where two answers differ first, or None.

    The page keeps numbers in 16 bits. Of chips and ways to colour it may have fewer: it has no model.
    """
    if app == page or (isinstance(app, float) and isinstance(page, (int, float)) and abs(app - page) <= 1e-3):
        return None
    if isinstance(app, dict) and isinstance(page, dict):
        found = (difference(app.get(key), page.get(key), f"{path}.{key}") for key in sorted({*app, *page}))
    elif path.endswith((".chips", ".colours")):
        found = (None if one in app else f"{path}: {one} in the page only" for one in page)
    elif isinstance(app, list) and isinstance(page, list) and len(app) == len(page):
        found = (difference(left, right, f"{path}[{i}]") for i, (left, right) in enumerate(zip(app, page, strict=True)))
    else:
        return f"{path}: {app} in the app, {page} in the page"
    return next((one for one in found if one), None)
