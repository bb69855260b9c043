"""Texts whose labels hang on single words, images whose label hangs on one patch, and torch encoders without any download."""

from __future__ import annotations

import io
import re

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

import labelscope as ls
from labelscope.explain.cell import ExplainConfig
from labelscope.explain.faithfulness import FaithfulnessConfig
from labelscope.space import encoder as encoders
from labelscope.space.encoder import NetworkImages

FILLER = ["the", "film", "was", "on", "a", "table", "in", "town", "today", "again", "with", "friends"]


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """One cache for all tests of the package, so that each data set is embedded once; one thread, whoever else works here."""
    patch = pytest.MonkeyPatch()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    patch.setenv("LABELSCOPE_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setattr(encoders, "REMEMBERED", {})
    yield
    torch.set_num_threads(threads)
    patch.undo()


@pytest.fixture(scope="session")
def quick() -> ExplainConfig:
    """A coarse grid and few random orders."""
    return ExplainConfig(grid=4, faithfulness=FaithfulnessConfig(n_steps=8, n_random=20))


@pytest.fixture(scope="session")
def texts() -> ls.Dataset:
    """160 texts with three labels: "good" and "bad" stand for their words, "noise" for nothing."""
    rng = np.random.default_rng(0)
    rows, labels = [], []
    for _ in range(160):
        good, bad = rng.random(2) < 0.4
        words = list(rng.choice(FILLER, 7))
        for carried, word in ((good, "lovely"), (bad, "dreadful")):
            if carried:
                words.insert(int(rng.integers(len(words))), word)
        rows.append(" ".join(words))
        labels.append([int(good), int(bad), int(rng.random() < 0.5)])
    return ls.Dataset.from_arrays(labels, label_names=["good", "bad", "noise"], items=pl.DataFrame({"text": rows}), text="text")


@pytest.fixture(scope="session")
def predictions(texts) -> ls.Predictions:
    return ls.predict(texts)


@pytest.fixture(scope="session")
def images() -> ls.Dataset:
    """160 images of 64 pixels: a red square somewhere on grey noise, or a green one, or neither."""
    rng = np.random.default_rng(1)
    files, labels = [], []
    for _ in range(160):
        pixels = rng.integers(118, 138, (64, 64, 3)).astype(np.uint8)
        red, green = rng.random(2) < 0.5
        for carried, colour in ((red, (220, 30, 30)), (green, (30, 190, 40))):
            if carried:
                x, y = rng.integers(0, 44, 2)
                pixels[y : y + 18, x : x + 18] = colour
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        files.append(file.getvalue())
        labels.append([int(red), int(green)])
    return ls.Dataset.from_arrays(labels, label_names=["red", "green"], items=pl.DataFrame({"image": files}), image="image")


class TinyTokenizer:
    """Words by position in a vocabulary, between two special tokens, with offsets, as fast tokenizers give them."""

    all_special_ids = (0, 1, 2)
    pad_token_id = 0

    def __init__(self) -> None:
        self.vocabulary = {word: k + 3 for k, word in enumerate([*FILLER, "lovely", "dreadful"])}

    def __call__(self, text, *, return_offsets_mapping, truncation, max_length):
        assert return_offsets_mapping
        assert truncation
        spans = [match.span() for match in re.finditer(r"\w+", text)][: max_length - 2]
        return {"offset_mapping": [(0, 0), *spans, (0, 0)]}

    def ids(self, text):
        return [1, *(self.vocabulary[word] for word in re.findall(r"\w+", text)), 2]


class TinySentences(torch.nn.Module):
    """A sentence encoder in the manner of sentence-transformers: token embeddings, a bend, mean over the tokens."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.tokenizer = TinyTokenizer()
        self.embedding = torch.nn.Embedding(len(self.tokenizer.vocabulary) + 3, 12, padding_idx=0)
        self.embedding.weight.data[:-2] *= 0.3  # the words that carry labels stand out
        self.dense = torch.nn.Linear(12, 12)

    def preprocess(self, texts):
        ids = [self.tokenizer.ids(text) for text in texts]
        width = max(map(len, ids))
        padded = torch.tensor([row + [0] * (width - len(row)) for row in ids])
        return {"input_ids": padded, "attention_mask": (torch.arange(width) < torch.tensor([[len(row)] for row in ids])).long()}

    def forward(self, features):
        seen = torch.tanh(self.dense(self.embedding(features["input_ids"])))
        mask = features["attention_mask"][..., None].to(seen.dtype)
        return {"sentence_embedding": (seen * mask).sum(1) / mask.sum(1)}

    def encode(self, texts, **_):
        with torch.inference_mode():
            found = self(self.preprocess(list(texts)))["sentence_embedding"]
            return torch.nn.functional.normalize(found, dim=1).numpy()


@pytest.fixture(scope="session")
def sentences() -> TinySentences:
    return TinySentences().eval()


@pytest.fixture(scope="session")
def encoded_texts(texts, sentences) -> ls.Dataset:
    """The texts with embeddings that the sentence encoder made."""
    embeddings = sentences.encode(texts.items["text"].to_list())
    return ls.Dataset.from_arrays(
        texts.labels.dense(), label_names=texts.label_names, items=texts.items, text="text", embeddings=embeddings
    )


@pytest.fixture(scope="session")
def network() -> NetworkImages:
    """A convolutional network that sees colours."""
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(3, 6, 5, 4)
    layers = torch.nn.Sequential(convolution, torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()).eval()

    def transform(image):
        pixels = np.asarray(image.resize((32, 32)), np.float32) / 255
        return torch.from_numpy((pixels - 0.5) / 0.25).permute(2, 0, 1)

    return NetworkImages(layers, transform, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))


@pytest.fixture(scope="session")
def encoded_images(images, network) -> ls.Dataset:
    """The images with embeddings that the network made."""
    pictures = [Image.open(io.BytesIO(file)).convert("RGB") for file in images.items["image"].to_list()]
    embeddings = network.encode(np.stack([network.prepare(picture) for picture in pictures]))
    return ls.Dataset.from_arrays(
        images.labels.dense(), label_names=images.label_names, items=images.items, image="image", embeddings=embeddings
    )
