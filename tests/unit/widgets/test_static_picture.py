from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

import labelscope as ls
from labelscope.views.theme import BLUE, GREEN, PURPLE, VERMILLION
from labelscope.widgets.static_picture import Bar, Line, Picture, draw

EVIL = "<b>& a very long label that cannot possibly fit into the column that it is given here"


def drawn(**given) -> tuple[np.ndarray, bytes]:
    data = draw(Picture(title=EVIL, lines=["one line"], **given))
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")), data


def share(pixels: np.ndarray, colour: str) -> float:
    """Share of the pixels near a colour: the palette may move it a little."""
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return float((np.abs(pixels.astype(int) - rgb).max(axis=-1) < 12).mean())


def test_progress_map_bars_and_worklist_are_drawn_in_their_colours():
    rng = np.random.default_rng(0)
    xy, add = rng.normal(size=(500, 2)), np.arange(500) < 40
    pixels, data = drawn(
        counts={"accepted": 30, "rejected": 10, "skipped": 0, "pending": 60}, xy=xy, add=add, remove=add[::-1], n_add=40, n_remove=40,
        bars=[Bar(EVIL, 9, 3), Bar("b", 0, 4)], top=[Line("add", EVIL, 0.91, EVIL, EVIL)],
    )  # fmt: skip
    assert pixels.shape[1] == 1520
    assert len(data) < 140_000
    bar = pixels[140:220]  # the row of the progress bar: its parts are as wide as their counts
    assert share(bar, GREEN) / share(bar, PURPLE) == pytest.approx(3, rel=0.2)
    assert min(share(pixels, BLUE), share(pixels, VERMILLION)) > 0.001
    assert share(pixels[:, :12], "#FFFFFF") > 0.99  # nothing runs over the margin
    assert share(pixels[:, -12:], "#FFFFFF") > 0.99


def test_without_a_map_or_suggestions_it_is_a_line_of_text():
    pixels, _ = drawn()
    assert pixels.shape[0] < 200


def test_the_face_of_an_explorer_says_how_many_errors_only_with_an_audit(tmp_path):
    labels = np.array([[1, 0], [0, 1]] * 60)
    labels[:6] = 1 - labels[:6]  # six items with the labels of the other kind
    ds = ls.Dataset.from_arrays(labels, embeddings=[[k % 2, k / 120] for k in range(120)])
    session = ls.Session(ds, ledger=tmp_path / "ledger.sqlite")
    app = ls.explore(session)
    app.wait()
    assert "only an audit can say" in app._repr_mimebundle_()[0]["text/html"]
    for item, label, given in session.audit(20).cells.iter_rows():
        session.edit(item, label, given)
    bundle = app._repr_mimebundle_()[0]
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert "by an audit of 20 cells" in bundle["text/html"]
    app.close()
