from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from labelscope.data.dataset import Dataset
from labelscope.errors import StageError
from labelscope.space import encoder as encoders
from labelscope.space.embed import embed
from labelscope.space.encoder import NetworkImages, image_encoder, text_encoder
from labelscope.space.image import picture

TEXTS = [f"{a} {b} {c}" for a in ("good", "bad", "old") for b in ("day", "night", "film") for c in ("today", "again", "never", "thanks")]


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(encoders, "REMEMBERED", {})


def texts_of(texts):
    return Dataset.from_arrays(np.ones((len(texts), 1), int), items=pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}), text="text")


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    files = []
    for _ in range(9):
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (40, 50, 3), np.uint8)).resize((100, 80)).save(file, "PNG")
        files.append(file.getvalue())
    return Dataset.from_arrays(np.ones((9, 1), int), items=pl.DataFrame({"image": files}), image="image")


def prepared(ds, encoder):
    return np.stack([encoder.prepare(picture(ds.images, row)) for row in range(ds.n_items)])


@pytest.mark.parametrize("texts", [TEXTS, ["我喜欢你", "我不喜欢", "他喜欢你"], ["!!!", "???", "!?"]])
def test_a_text_gets_nearly_the_vector_that_it_has(texts):
    ds = texts_of(texts)
    again = text_encoder(ds).encode(texts)
    np.testing.assert_allclose((again * embed(ds)).sum(axis=1), 1, atol=1e-3)


def test_the_fitted_terms_survive_on_the_disk(own_cache):
    ds = texts_of([*TEXTS, None])
    new = ["a good film, never seen", "", "unheard-of"]
    first = text_encoder(ds).encode(new)
    encoders.REMEMBERED.clear()
    again = text_encoder(ds)
    np.testing.assert_array_equal(again.encode(new), first)
    assert again.words
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), [1, 0, 0], atol=1e-5)


def test_without_any_term_every_vector_is_zero():
    assert not text_encoder(texts_of(["", None])).encode(["a word"]).any()


def test_an_image_gets_the_vector_that_it_has(images):
    encoder = image_encoder(images)
    np.testing.assert_allclose(encoder.encode(prepared(images, encoder)), embed(images), atol=1e-5)


def test_images_that_are_all_the_same_are_legal(images):
    same = Dataset.from_arrays([[1], [1]], items=pl.DataFrame({"image": [images.items["image"][0]] * 2}), image="image")
    np.testing.assert_array_equal(image_encoder(same).encode(prepared(same, image_encoder(same))), embed(same))


def test_a_network_sees_what_embedding_saw(images, monkeypatch):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 5, 2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    settings = {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)}

    def transform(image):
        pixels = np.asarray(image.resize((32, 32))) / 255
        return torch.from_numpy((pixels - settings["mean"]) / settings["std"]).permute(2, 0, 1).float()

    data = SimpleNamespace(resolve_model_data_config=lambda _: settings, create_transform=lambda **_: transform)
    monkeypatch.setitem(sys.modules, "timm", SimpleNamespace(create_model=lambda *_, **__: network, data=data))
    encoder = image_encoder(images, "tiny")
    assert isinstance(encoder, NetworkImages)
    np.testing.assert_allclose(encoder.encode(prepared(images, encoder)), embed(images, model="tiny"), atol=1e-5)


class TinySentences:
    def get_embedding_dimension(self):
        return 3

    def encode(self, texts, *, normalize_embeddings, show_progress_bar):
        assert normalize_embeddings
        assert not show_progress_bar
        found = np.array([[len(text), text.count("e"), 1.0] for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_sentences_are_embedded_the_same_way(monkeypatch):
    library = SimpleNamespace(SentenceTransformer=lambda *_, **__: TinySentences())
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    ds = texts_of(["seen", "", "blank"])
    np.testing.assert_array_equal(text_encoder(ds, "tiny").encode(["seen", " ", "blank"]), embed(ds, model="tiny"))


def test_a_column_that_is_not_there_is_said(images):
    with pytest.raises(StageError, match="expected a data set with an image column"):
        image_encoder(texts_of(["a"]))
    with pytest.raises(StageError, match="expected a data set with a text column"):
        text_encoder(images)
