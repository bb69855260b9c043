from __future__ import annotations

import io
import sys

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from labelscope.data.dataset import Dataset
from labelscope.errors import LabelscopeWarning, MissingExtra, StageError
from labelscope.space import optional_packages, text
from labelscope.space.embed import embed
from labelscope.space.neighbors import nearest


def dataset(**columns):
    n_items = len(next(iter(columns.values())))
    names = {name: name for name in columns}
    return Dataset.from_arrays(
        np.ones((n_items, 1), int), items=pl.DataFrame(columns), item_ids=[f"item {i}" for i in range(n_items)], **names
    )


def picture(kind, colour, seed):
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (80, 60), "white")
    x, y = rng.integers(0, 30, 2).tolist()
    draw = ImageDraw.Draw(image)
    (draw.ellipse if kind else draw.rectangle)((x, y, x + 26, y + 26), fill=colour)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_given_embeddings_are_cast_and_not_changed(dtype, tmp_path):
    X = np.random.default_rng(0).normal(size=(7, 3)).astype(dtype)
    np.save(tmp_path / "X.npy", X)
    found = embed(Dataset.from_arrays(np.ones((7, 1), int), embeddings=np.load(tmp_path / "X.npy", mmap_mode="r")))
    assert (type(found), found.dtype) == (np.ndarray, np.float32)
    np.testing.assert_array_equal(found, X.astype(np.float32))


def test_nothing_to_embed_says_what_is_needed():
    with pytest.raises(StageError, match="expected embeddings, a text or an image column"):
        embed(Dataset.from_arrays([[1]]))


def test_texts_on_one_topic_are_neighbours():
    topics = [["cat dog pet fur", "dog pet tail", "cat pet paw"], ["bank money loan", "money bank rate", "loan rate bank"]]
    texts = [f"{phrase} {extra}" for topic in topics for phrase in topic for extra in ("today", "again", "never")]
    X = embed(dataset(text=texts))
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), 1, atol=1e-5)
    assert ((nearest(X, 4).indices < 9) == (np.arange(18) < 9)[:, None]).all()
    np.testing.assert_array_equal(X, embed(dataset(text=texts)))


@pytest.mark.parametrize(
    "texts",
    [["only one"], ["a", "b", "c"], ["same"] * 5, ["我喜欢你", "我不喜欢", "他"], ["हिन्दी में", "हिन्दी"], ["!!!", "???"], ["😂 lol", "😂"]],
)
def test_small_and_multilingual_texts_have_rows_of_length_one(texts):
    np.testing.assert_allclose(np.linalg.norm(embed(dataset(text=texts)), axis=1), 1, atol=1e-5)


def test_languages_without_spaces_share_characters():
    X = embed(dataset(text=["我喜欢你", "我喜欢他", "再见"]))
    assert X[0] @ X[1] > X[0] @ X[2] + 0.2


def test_missing_texts_are_zero_vectors():
    X = embed(dataset(text=["good day", None, "", "good night"]))
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), [1, 0, 0, 1], atol=1e-5)
    assert not embed(dataset(text=pl.Series([None, "", " "], dtype=pl.String))).any()


def test_latent_space_keeps_as_much_as_an_exact_svd():
    rng = np.random.default_rng(0)
    words = [" ".join(rng.choice([f"w{i}" for i in range(60 * (topic + 1))][60 * topic :], 8)) for topic in range(6) for _ in range(60)]
    terms = text.vectorise(words)[1]
    kept = (text.latent_space(terms, 20, 0) ** 2).sum()
    best = (np.linalg.svd(terms.toarray(), compute_uv=False)[:20] ** 2).sum()
    assert kept > 0.95 * best


def test_the_image_encoder_sees_colour_and_shape():
    kinds = [(kind, colour) for kind in (0, 1) for colour in ("red", "blue") for _ in range(12)]
    X = embed(dataset(image=[picture(kind, colour, seed) for seed, (kind, colour) in enumerate(kinds)]))
    np.testing.assert_allclose(np.linalg.norm(X, axis=1), 1, atol=1e-5)
    same = np.array([[kinds[i] == kinds[j] for j in row] for i, row in enumerate(nearest(X, 5).indices)])
    assert same.mean() > 0.7  # chance: 0.23


def test_images_by_path_are_found_and_missing_ones_are_zero(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = []
    for seed in range(4):
        files.append(f"{seed}.png")
        (tmp_path / f"{seed}.png").write_bytes(picture(seed % 2, "red", seed))
    by_path = embed(dataset(image=[*files, None]))
    np.testing.assert_array_equal(by_path, embed(dataset(image=[*((tmp_path / f).read_bytes() for f in files), None])))
    np.testing.assert_allclose(np.linalg.norm(by_path, axis=1), [1, 1, 1, 1, 0], atol=1e-5)


@pytest.mark.parametrize("again", [False, True])  # the second time the embeddings come from the cache
def test_images_that_cannot_be_read_are_counted_in_one_line_and_the_rest_goes_on(again, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    files = [f"{seed}.png" for seed in range(6)]
    for seed, file in enumerate(files):
        (tmp_path / file).write_bytes(picture(seed % 2, "red", seed))
    (tmp_path / "5.png").write_bytes(picture(0, "red", 0)[:90])
    ds = dataset(image=[*files, "nowhere.png", None, "gone.png"])
    if again:
        with pytest.warns(LabelscopeWarning):
            embed(ds)
    with pytest.warns(LabelscopeWarning) as told:
        found = embed(ds)
    assert [bool(row.any()) for row in found] == [True] * 5 + [False] * 4
    [line] = [str(one.message) for one in told]
    assert line.startswith("image: 3 of 9 items have no picture: 1 no picture that can be read (first: item 'item 5'; ")
    assert "2 not found (first: item 'item 6'; correct the path" in line


@pytest.mark.parametrize("bad", [b"no picture", picture(0, "red", 0)[:90]])
def test_where_no_image_can_be_read_the_first_is_named(bad):
    with pytest.raises(StageError, match="got none in 2: image of item 'item 0': expected a picture") as refused:
        embed(dataset(image=[bad, bad]))
    assert "\n" not in str(refused.value)


def test_where_no_file_is_there_the_first_is_named():
    with pytest.raises(StageError, match=r"image of item 'item 0': expected a file, got 'nowhere\.png'"):
        embed(dataset(image=["nowhere.png"]))


def test_text_and_image_count_the_same():
    texts, images = ["a b", "a c", "d e"], [picture(0, "red", 0), picture(1, "blue", 1), picture(0, "red", 2)]
    both = embed(dataset(text=texts, image=images))
    parts = [embed(dataset(text=texts)), embed(dataset(image=images))]
    np.testing.assert_allclose(both @ both.T, sum(part @ part.T for part in parts) / 2, atol=1e-5)


def test_a_model_for_two_columns_must_say_which():
    ds = dataset(text=["a"], image=[picture(0, "red", 0)])
    with pytest.raises(StageError, match=r'expected {"text": \.\.\.}'):
        embed(ds, model="some-model")
    with pytest.raises(StageError, match="got one for 'sound'"):
        embed(ds, model={"sound": "some-model"})


def test_packages_absent_and_broken_are_told_apart(monkeypatch, tmp_path):
    with pytest.raises(MissingExtra, match=r'text model needs nowhere, which is not installed: pip install "multilabelscope\[text\]"'):
        optional_packages.load("nowhere_at_all", "nowhere", "text", "text model")
    (tmp_path / "broken_here.py").write_text("raise RuntimeError('an operator\\nis missing. More words')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StageError, match=r"expected a working broken, got RuntimeError \(an operator is missing\)"):
        optional_packages.load("broken_here", "broken", "text", "text model")
    assert "broken_here" not in sys.modules


def test_the_cache_follows_contents(own_cache):
    embed(dataset(text=["a b", "c"]))
    embed(dataset(text=["a b", "c"]))
    assert len(list(own_cache.glob("*.npz"))) == 1
    embed(dataset(text=["a b", "d"]))
    assert len(list(own_cache.glob("*.npz"))) == 2
