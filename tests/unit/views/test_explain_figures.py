"""Figures of the explain package on small results made by hand, with text that tries to be markup."""

from __future__ import annotations

import base64
import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from labelscope.data.dataset import Dataset
from labelscope.explain.attribution import Attribution
from labelscope.explain.explanation import Explanation
from labelscope.explain.faithfulness import measure
from labelscope.explain.guideline import Guideline
from labelscope.explain.influence import Influence
from labelscope.explain.prototypes import Prototypes
from labelscope.views import attribution as attribution_view
from labelscope.views.picture import png

TEXT = "a <b>fine</b> day & <script>x</script> no $x^2$"
WORDS = [(0, 1), (2, 13), (14, 17), (20, 38), (39, 41), (42, 47)]
WEIGHTS = np.array([0.1, 2.0, 1.0, -1.5, 0.0, 0.4])
LABEL = "<i>joy</i>"


def faithfulness(weights=WEIGHTS, gives=WEIGHTS):
    return measure(lambda keep: keep @ gives - 0.5, weights, -weights)


@pytest.fixture
def attribution() -> Attribution:
    start, stop = zip(*WORDS, strict=True)
    frame = pl.DataFrame({
        "part": range(6), "start": start, "stop": stop, "word": [TEXT[a:b] for a, b in WORDS], "weight": WEIGHTS,
    })  # fmt: skip
    return Attribution(
        frame, item_id="<u>7</u>", label=LABEL, probability=0.81, baseline=0.4, shown=0.7, text=TEXT, faithfulness=faithfulness()
    )


@pytest.fixture
def image_attribution() -> Attribution:
    pixels = np.full((8, 8, 3), (30, 60, 90), np.uint8)
    pixels[:4, :4] = (250, 200, 10)
    row, column = np.divmod(np.arange(4), 2)
    frame = pl.DataFrame({
        "part": range(4), "row": row, "column": column, "left": column * 4, "top": row * 4, "right": column * 4 + 4,
        "bottom": row * 4 + 4, "weight": [2.0, -1.0, 0.1, 0.0],
    })  # fmt: skip
    told = faithfulness(np.array([2.0, -1.0, 0.1, 0.0]), np.array([2.0, -1.0, 0.1, 0.0]))
    return Attribution(frame, item_id=3, label=LABEL, of="image", probability=0.9, baseline=0.5, pixels=pixels, faithfulness=told)


def words_of(figure):
    return str(figure.to_plotly_json())


def opened(figure):
    return Image.open(io.BytesIO(png(figure)))


@pytest.mark.parametrize("dark", [False, True])
def test_an_attributed_text_shows_itself(attribution, dark):
    figure = attribution_view.figure(attribution, dark=dark)
    assert figure.layout.title.text == "'&lt;b&gt;fine&lt;/b&gt;', 'day', '&#36;x^2&#36;' speak for &lt;i&gt;joy&lt;/i&gt; (81%)"
    assert "faithful" in figure.layout.title.subtitle.text
    coloured = [note for note in figure.layout.annotations if note.bgcolor]
    assert len(coloured) == 5  # one part has no weight
    strongest = next(note for note in coloured if "fine" in note.text)
    assert strongest.hovertext == "+100% of the strongest"
    assert opened(figure).width == 1520


def test_text_from_data_is_markup_nowhere(attribution):
    figure = words_of(attribution.figure)
    everything = figure + attribution._repr_mimebundle_()["text/html"]
    for markup in ("<b>fine", "<script", "<i>joy", "<u>7"):
        assert markup not in everything
    assert "$x" not in figure
    assert "&lt;b&gt;fine" in everything


def test_the_coloured_text_is_html_without_scripts(attribution):
    markup = attribution_view.markup(attribution)
    assert markup.count("<mark") == 5
    assert "the strongest, for" in markup
    assert "the strongest, against" in markup
    shown = attribution._repr_mimebundle_()
    assert shown["text/html"].startswith(markup)
    assert shown["text/plain"].startswith(attribution.summary())
    assert {"image/png", "application/vnd.plotly.v1+json"} <= set(shown)


def test_a_picture_that_is_not_faithful_says_so_in_its_title(attribution):
    told = Attribution(**{**vars(attribution), "faithfulness": faithfulness(-WEIGHTS)})
    assert told.figure.layout.title.text.startswith("Do not trust this picture")
    flat = measure(lambda keep: np.full(len(keep), 0.2), WEIGHTS)
    assert Attribution(**{**vars(attribution), "faithfulness": flat}).figure.layout.title.text.startswith("Nothing in this text moves")
    assert "Do not trust" in faithfulness(-WEIGHTS).figure.layout.title.text


def test_an_attributed_image_has_its_colours_where_its_weights_are(image_attribution):
    figure = image_attribution.figure
    assert figure.layout.title.text == "What speaks for &lt;i&gt;joy&lt;/i&gt; is at the top left (90%)"
    as_seen, overlaid = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(trace.source.partition(",")[2]))))
        for trace in figure.data
        if trace.type == "image"
    )
    np.testing.assert_array_equal(as_seen, image_attribution.pixels)
    red, _, blue = (overlaid[..., k].astype(int) for k in range(3))
    assert (blue - red)[:4, :4].min() > 60  # for
    assert (red - blue)[:4, 4:].min() > 30  # against
    assert np.abs(red - blue)[4:, 4:].max() == 0
    drawn = np.asarray(opened(figure).convert("RGB")).reshape(-1, 3)
    assert (np.abs(drawn - np.array([250, 200, 10])).sum(axis=1) < 12).sum() > 10_000  # the picture keeps its colours


def test_a_difference_names_both_labels(image_attribution):
    figure = Attribution(**{**vars(image_attribution), "against": "anger & co"}).figure
    assert "&lt;i&gt;joy&lt;/i&gt; rather than anger &amp; co" in figure.layout.title.text


def test_a_long_text_shows_the_stretch_that_counts(attribution):
    words = [f"word{k}" for k in range(400)]
    text = " ".join(words)
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])[:-1]
    weights = np.zeros(400)
    weights[300] = 1
    frame = pl.DataFrame({"part": range(400), "start": starts, "stop": starts + [len(w) for w in words], "word": words, "weight": weights})
    figure = Attribution(**{**vars(attribution), "frame": frame, "text": text}).figure
    shown = [note.text for note in figure.layout.annotations]
    assert "word300" in shown
    assert "word0" not in shown
    assert figure.layout.height < 520


def test_curves_of_the_attribution_and_of_chance():
    figure = faithfulness().figure
    assert figure.layout.title.text == "What the attribution points at moves the model"
    names = [trace.name for trace in figure.data]
    assert names.count("this attribution") == 2  # deletion and insertion
    assert sum(name.startswith("random ") for name in names) == 2 * (20 + 1)
    assert opened(figure).height > 300


def test_influence_shows_both_sides():
    frame = pl.DataFrame({
        "item_id": ["<b>a</b>", "b"], "state": [1, 0], "influence": [-0.2, 0.1], "flip": [-0.3, 0.2], "without": [0.5, 0.7],
        "flipped": [0.4, 0.8], "supports": [True, False], "text": ["<script>x</script>", "plain"],
    })  # fmt: skip
    result = Influence(frame, item_id="q", label=LABEL, state=1, probability=0.6, n_training=1234, agreement=0.5)
    figure = result.figure
    assert figure.layout.title.text == "Item &lt;b&gt;a&lt;/b&gt; (yes) counts most: &lt;i&gt;joy&lt;/i&gt; 60.0%, without it 50.0%"
    assert "1,234 labels" in figure.layout.title.subtitle.text
    assert "correlate by 0.50" in figure.layout.title.subtitle.text
    assert [list(trace.x) for trace in figure.data] == [pytest.approx([10]), pytest.approx([-10])]
    assert "<script" not in words_of(figure)
    assert Influence(frame.head(0), label="joy").figure.layout.title.text == "No training label moves joy"


def test_an_explanation_shows_its_attribution_above_its_neighbours(attribution, explanation):
    both = Explanation(**{**vars(explanation), "attributed": attribution})
    figure = both.figure
    assert figure.layout.title.text == attribution.figure.layout.title.text
    bars = [trace for trace in figure.data if trace.type == "bar" and trace.name in ("agrees", "contradicts")]
    assert len(bars) == 2
    assert "Nearest items: 3 of 5 agree" in words_of(figure)
    assert figure.layout.height > attribution.figure.layout.height
    for markup in ("<script", "<b>cat", "<b>fine"):
        assert markup not in words_of(figure)
    assert opened(figure).height == 2 * figure.layout.height


@pytest.fixture
def gallery() -> Dataset:
    files = []
    for colour in ((250, 0, 0), (0, 0, 250), (0, 250, 0)):
        file = io.BytesIO()
        Image.new("RGB", (20, 10), colour).save(file, "PNG")
        files.append(file.getvalue())
    items = pl.DataFrame({"image": [*files, b"broken"], "text": ["<b>one</b>", "two", "three", "four"]})
    return Dataset.from_arrays([[1], [1], [0], [1]], label_names=[LABEL], items=items, image="image", text="text")


def test_prototypes_of_images_are_pictures_and_of_texts_are_bars(gallery):
    frame = pl.DataFrame({
        "label": [LABEL] * 3, "rank": [1, 2, 3], "item_id": [0, 1, 3], "share": [0.5, 0.3, 0.2], "similarity": [0.9] * 3,
        "text": ["<b>one</b>", "two", "four"],
    })  # fmt: skip
    pictures = Prototypes(frame, dataset=gallery).figure
    assert pictures.layout.title.text == "3 items that stand for &lt;i&gt;joy&lt;/i&gt;"
    assert [trace.type for trace in pictures.data] == ["image", "image"]
    assert "no picture" in words_of(pictures)  # the broken file
    bars = Prototypes(frame).figure
    assert list(bars.data[0].x) == [0.5, 0.3, 0.2]
    for figure in (pictures, bars):
        assert "<b>one" not in words_of(figure)
        assert "<i>joy" not in words_of(figure)
        opened(figure)


def test_a_guideline_shows_its_page_where_html_is_shown(gallery):
    frame = pl.DataFrame({
        "section": ["exemplar", "confused"], "other": [None, "<u>other</u>"], "item_id": [0, 2], "state": [1, 0],
        "probability": [0.9, 0.4], "text": ["<b>one</b>", "three"],
    })  # fmt: skip
    confused = pl.DataFrame({"label": ["<u>other</u>"], "claimed": [3], "lost": [1], "lift": [2.5]})
    goes_with = pl.DataFrame({"label": ["<s>x</s>"], "share": [0.4], "lift": [2.0]})
    result = Guideline(frame, label=LABEL, n_positive=3, n_negative=1, confusions=confused, goes_with=goes_with, dataset=gallery)
    shown = result._repr_mimebundle_()
    assert "application/vnd.plotly.v1+json" not in shown  # or the figure would hide the page
    page = shown["text/html"]
    assert page.count('<img src="data:image/webp;base64,') == 2
    assert "3 items labelled &lt;u&gt;other&lt;/u&gt; and not &lt;i&gt;joy&lt;/i&gt;" in page
    assert result.figure.layout.title.text == "&lt;i&gt;joy&lt;/i&gt; is most often confused with &lt;u&gt;other&lt;/u&gt;"
    for markup in ("<u>other", "<i>joy", "<s>x", "<b>one"):
        assert markup not in page + words_of(result.figure) + result.markdown
    opened(result.figure)
    none = Guideline(frame.head(1), label=LABEL, confusions=confused.head(0), goes_with=goes_with.head(0))
    assert "is confused with no other label" in none.figure.layout.title.text
    alone = Guideline(frame.head(1), label=LABEL, n_positive=3, confusions=confused.head(0), goes_with=goes_with).figure
    assert (alone.data[0].x[0], alone.data[0].text[0]) == (0.4, "40%")
    assert "<s>x" not in words_of(alone)
