"""Every public view in one notebook, on demo data of which every text, label, id and name tries to run."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """A cell that shows one view."""

    code: str
    pictured: bool = True  # or a table only


SETUP = """
from dataclasses import replace
import polars as pl
import labelscope as ls

EVIL = (
    "<script>window.ran='script'</script>",
    "<img src=x onerror=\\"window.ran='img'\\">",
    "javascript:window.ran='link'",
    "<a href=\\"javascript:window.ran='a'\\">x</a>",
    "=HYPERLINK(\\"http://evil.example/\\", \\"x\\")",
    "[x](javascript:window.ran='markdown')",
    "$\\\\href{javascript:window.ran='tex'}{x}$",
    "</script><svg onload=\\"window.ran='svg'\\">",
    "'\\"><iframe src=//evil.example></iframe>",
    "![x](http://evil.example/x.png)",
)

def evil(words):
    return [f"{EVIL[k % len(EVIL)]} {word}" for k, word in enumerate(words)]

ds = ls.demo(240)
names, ids = tuple(evil(ds.label_names)), pl.Series("item_id", evil(ds.item_ids.to_list()))
ds = replace(
    ds, item_ids=ids, label_names=names, text=EVIL[0], votes=replace(ds.votes, rater_names=tuple(evil(ds.votes.rater_names))),
    label_descriptions=dict(zip(names, evil(ds.label_descriptions.values()))),
    items=ds.items.with_columns(ids, pl.Series("caption", evil(ds.items["caption"])), pl.Series(EVIL[1], evil(ds.items["split"])))
    .rename({"caption": EVIL[0]}),
)
session = ls.Session(ds, ledger="gallery.labelscope/ledger.sqlite", reviewer=EVIL[1])
pred, found, todo = session.predictions, session.findings, session.suggestions
cell = {"item": todo.frame["item_id"][0], "label": todo.frame["label"][0]}
for k, (item, label, given) in enumerate(session.audit(30).cells.iter_rows()):
    session.edit(item, label, int(given if k % 5 else 1 - given))
session.accept(todo.frame["suggestion_id"][0])
other = ls.Session(ds, ledger="gallery.labelscope/ledger.sqlite", reviewer=EVIL[0])
for item, label, given in session.audit(30).cells.head(2).iter_rows():
    other.edit(item, label, int(1 - session.state(item, label)))
session.sync()
"""

VIEWS = {
    "explorer": View("app = ls.explore(session, name=EVIL[0])\napp.wait()\napp.publish('explorer.html')\napp"),
    "long_tail": View("ls.long_tail(ds)"),
    "cooccurrence": View("ls.cooccurrence(ds)"),
    "relations": View("session.relations"),
    "name_relations": View("ls.name_relations(('colour', 'colours', *ds.label_names))", pictured=False),
    "violations": View("session.constraints.confirm(names[-2], 'exclusive', names[-1])\nsession.violations"),
    "compare_splits": View("ls.compare_splits(ds)"),
    "sources": View("ls.sources(ds, found)"),
    "agreement": View("ls.agreement(ds)"),
    "embedding_map": View("ls.embedding_map(session.embedded, method='pca')"),
    "embedding_quality": View("ls.embedding_quality(session.embedded)"),
    "predict": View("pred"),
    "calibration": View("ls.calibration(ds, pred)"),
    "thresholds": View("ls.thresholds(ds, pred)"),
    "prediction_sets": View("ls.prediction_sets(ds, pred)"),
    "find_issues": View("found"),
    "suggest": View("todo"),
    "rank": View("ls.rank(ds, found, n=10)", pictured=False),
    "pseudo_label": View("ls.pseudo_label(ds, pred)"),
    "audit": View("session.audit(30)", pictured=False),
    "estimate": View("session.estimate"),
    "stopping": View("session.stopping"),
    "label_edits": View("ls.label_edits(ds)", pictured=False),
    "novel_labels": View("ls.novel_labels(session.embedded)"),
    "explain": View("ls.explain(session.embedded, pred, **cell)"),
    "influence": View("ls.influence(session.embedded, pred, **cell)"),
    "attribute_text": View("words = ls.attribute(ds, pred, of='text', **cell)\nwords"),
    "attribute_image": View("ls.attribute(ds, pred, of='image', **cell)"),
    "faithfulness": View("words.faithfulness"),
    "prototypes": View("ls.prototypes(session.embedded, pred, label=cell['label'])"),
    "guideline": View("ls.guideline(session.embedded, pred, found, label=cell['label'])"),
    "nutrition_label": View("ls.nutrition_label(ds, findings=found)", pictured=False),
}
