"""Whether attributions point at what moves the model: deletion areas beside random orders, over many cells.

    python benchmarks/faithfulness.py [--data ../shared/data] [--pairs 60] [SET ...]

Sets: the pictures and the captions of the synthetic demo, and GoEmotions comments (TF-IDF of the raw text; a sample of
8,000). A pair is an item that carries a label, drawn at random, of at least six words. For each method: the area under the
deletion curve of the probability (lower is better) and under the insertion curve (higher is better), the same for random
orders of the same parts, the mean difference with its paired 95 % interval, and in how many pairs the attribution is better.
"Shuffled labels" deletes in the order of the same method applied to a head trained on labels dealt out at random: it has to
be no better than random, or the method finds what is easy to see, label or not. The measure of a method and the method may
share their means: occlusion is measured by occluding.

Grad-CAM and integrated gradients need a torch encoder, and no weights are fetched: the sets "(network)" use a small one that
is trained here, in a minute, on the labels of the set itself. That is no way to find wrong labels (the encoder has seen
them), but the question here is whether the attribution tells what the model does, and that it can answer.
"""

import argparse
import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import nn

import labelscope as ls
from labelscope.explain.attribution import attribute_cell
from labelscope.explain.cell import Cell, ExplainConfig
from labelscope.space.encoder import NetworkImages
from labelscope.space.image import picture

SAMPLE = 8000
LEAST_WORDS = 6
METHODS = {
    "demo images": ("occlusion",),
    "demo images (network)": ("occlusion", "grad_cam"),
    "demo captions": ("occlusion", "terms"),
    "demo captions (network)": ("occlusion", "integrated_gradients"),
    "goemotions": ("occlusion", "terms"),
    "goemotions (network)": ("occlusion", "integrated_gradients"),
}
WIDTH, EPOCHS, BATCH = 64, 12, 64
WORD = re.compile(r"\w+|[^\w\s]")


class Tokenizer:
    """Words by frequency, between two special tokens, with their offsets."""

    all_special_ids, pad_token_id = (0, 1, 2), 0

    def __init__(self, texts: list[str]) -> None:
        counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
        self.vocabulary = {word: k + 4 for k, (word, n) in enumerate(counts.most_common(8000)) if n > 1}

    def __call__(self, text: str, **_):
        return {"offset_mapping": [(0, 0), *(match.span() for match in WORD.finditer(text)), (0, 0)]}

    def ids(self, text: str) -> list[int]:
        return [1, *(self.vocabulary.get(word.lower(), 3) for word in WORD.findall(text)), 2]


class Sentences(nn.Module):
    """Token embeddings, a convolution over neighbouring words, the largest of each feature."""

    def __init__(self, texts: list[str]) -> None:
        super().__init__()
        self.tokenizer = Tokenizer(texts)
        self.embedding = nn.Embedding(len(self.tokenizer.vocabulary) + 4, WIDTH, padding_idx=0)
        self.convolution = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)

    def preprocess(self, texts: list[str]) -> dict[str, torch.Tensor]:
        ids = [self.tokenizer.ids(text) for text in texts]
        return {"input_ids": torch.tensor([row + [0] * (max(map(len, ids)) - len(row)) for row in ids])}

    def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        seen = torch.tanh(self.convolution(self.embedding(features["input_ids"]).transpose(1, 2)))
        return {"sentence_embedding": seen.amax(dim=2)}

    def encode(self, texts: list[str]) -> np.ndarray:
        with torch.inference_mode():
            parts = [self(self.preprocess(texts[k : k + 256]))["sentence_embedding"] for k in range(0, len(texts), 256)]
            return nn.functional.normalize(torch.cat(parts), dim=1).numpy()


def train(model: nn.Module, batch_of, ds: ls.Dataset) -> None:
    """Fit the encoder and a linear layer on it to the known cells."""
    states = torch.from_numpy(ds.labels.dense().astype(np.float32))
    head = nn.Linear(WIDTH, ds.n_labels)
    optimizer = torch.optim.Adam([*model.parameters(), *head.parameters()], 3e-3)
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(ds.n_items), ds.n_items // BATCH):
            known = states[rows] >= 0
            logits = head(batch_of(rows))
            loss = nn.functional.binary_cross_entropy_with_logits(logits[known], states[rows][known])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()


def trained(ds: ls.Dataset) -> tuple[ls.Dataset, object]:
    """The set with embeddings of an encoder trained on it, and the encoder."""
    torch.manual_seed(0)
    if ds.text is not None:
        texts = ds.items[ds.text].to_list()
        encoder = Sentences(texts)
        train(encoder, lambda rows: encoder(encoder.preprocess([texts[k] for k in rows]))["sentence_embedding"], ds)
        return replace(ds, embeddings=encoder.encode(texts)), encoder
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, WIDTH)):
        layers += [nn.Conv2d(before, after, 3, 2, 1), nn.BatchNorm2d(after), nn.ReLU()]
    network = nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten())

    def transform(image) -> torch.Tensor:
        return (torch.from_numpy(np.array(image, np.float32) / 255).permute(2, 0, 1) - 0.5) / 0.25

    images = NetworkImages(network, transform, mean=(0.5,) * 3, std=(0.25,) * 3)
    pixels = np.stack([images.prepare(picture(ds.images, row)) for row in range(ds.n_items)])
    train(network, lambda rows: network(images.tensor(pixels[rows])), ds)
    return replace(ds, embeddings=images.encode(pixels)), images


def load(name: str, data: Path) -> ls.Dataset:
    if name == "goemotions":
        table = pl.read_parquet(data / "goemotions/comments.parquet").sample(SAMPLE, seed=0)
        return ls.Dataset.from_arrays(table["labels"].to_list(), items=table.select("text"), text="text")
    demo = ls.demo()
    kept = {"demo images": ("image", None), "demo captions": (None, "caption")}[name]
    columns = {role: column for role, column in zip(("image", "text"), kept, strict=True) if column}
    return ls.Dataset.from_arrays(demo.labels.dense(), label_names=demo.label_names, items=demo.items.select(*columns.values()), **columns)


def pairs(ds: ls.Dataset, n_pairs: int) -> list[tuple[int, int]]:
    """Items with a label of theirs, labels in turn."""
    rng = np.random.default_rng(0)
    labels = [
        k for k in range(ds.n_labels) if min(ds.labels.n_positive[k], ds.labels.n_negative[k]) >= 30 and ds.label_names[k] != "neutral"
    ]
    states, found = ds.labels.dense(), []
    while len(found) < n_pairs:
        column = labels[len(found) % len(labels)]
        row = int(rng.choice(np.flatnonzero(states[:, column] == 1)))
        if ds.text is None or len(ds.items[ds.text][row].split()) >= LEAST_WORDS:
            found.append((row, column))
    return found


def interval(differences: np.ndarray) -> str:
    half = 1.96 * differences.std(ddof=1) / len(differences) ** 0.5
    return f"{differences.mean():+.4f} [{differences.mean() - half:+.4f}, {differences.mean() + half:+.4f}]"


def row(name: str, method: str, found: list, seconds: float) -> None:
    own = np.array([[f.deletion_auc, f.insertion_auc] for f in found])
    chance = np.array([[f.random_deletion_auc, f.random_insertion_auc] for f in found])
    shuffled = np.array([f.shuffled_deletion_auc for f in found])
    better = own - chance
    verdicts = [f.verdict for f in found]
    print(
        f"| {name} | {method} | {own[:, 0].mean():.3f} | {chance[:, 0].mean():.3f} | {interval(better[:, 0])} | "
        f"{(better[:, 0] < 0).mean():.0%} | {shuffled.mean():.3f} | {own[:, 1].mean():.3f} | {chance[:, 1].mean():.3f} | "
        f"{interval(better[:, 1])} | {verdicts.count('faithful') / len(found):.0%} | {seconds / len(found):.2f} |",
        flush=True,
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data")
    arguments.add_argument("--pairs", type=int, default=60)
    arguments.add_argument("sets", nargs="*", default=list(METHODS))
    asked = arguments.parse_args()
    print(
        "| set | method | deletion | random | difference | better in | shuffled labels | insertion | random | difference | faithful | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name in asked.sets:
        ds, encoder = load(name.removesuffix(" (network)"), asked.data), None
        if name.endswith("(network)"):
            ds, encoder = trained(ds)
        chosen = pairs(ds, asked.pairs)
        for method in METHODS[name]:
            start, found = time.perf_counter(), []
            for item, column in chosen:
                found.append(attribute_cell(Cell(ds, None, item, column, ExplainConfig()), method=method, encoder=encoder).faithfulness)
            row(name, method, found, time.perf_counter() - start)


if __name__ == "__main__":
    main()
