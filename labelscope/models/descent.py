"""Cross-fitted heads trained by gradient descent: one network a fold, mini-batches, any loss.

The number of steps is nearly the same whatever the number of items (a head on frozen features has little to learn), the
batches are drawn by the seed alone, and rows are taken from the features as they are needed, so that a memory map stays
one. A GPU is used when there is one: the random numbers are drawn on the processor either way, so that both make the
same batches, weights and dropout masks and differ by rounding only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from labelscope.compute.executor import row_blocks
from labelscope.compute.progress import advance
from labelscope.compute.seeds import generator
from labelscope.data.labels import LabelMatrix
from labelscope.models.device import best_device
from labelscope.models.losses import Loss

__all__ = ["Dropout", "Recipe", "batches", "cross_fit"]

BATCH = 1024
MOST_CELLS = 1 << 24  # of a batch: with very many labels the batches get smaller
HELD = 256 << 20  # bytes of features and states that are kept on the device throughout
STEPS, EPOCHS = 150, 3  # at least so many steps, and at least so many times over the items


@dataclass(frozen=True)
class Recipe:
    """What kind of head to train, and how.

    Attributes
    ----------
    build : callable
        (n_features, n_labels, seed) to a ``Sequential`` that ends in a linear layer; torch is seeded when it is called.
    optimize : callable
        Network to its optimizer; the learning rate falls to zero along half a cosine.
    """

    build: Callable[[int, int, int], nn.Sequential]
    optimize: Callable[[nn.Module], torch.optim.Optimizer]


class Dropout(nn.Module):
    """Dropout of half the units whose masks come from a generator of its own, the same on any device."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """Half the units at random, doubled; all of them when not training."""
        if not self.training:
            return x
        return x * (2 * (torch.rand(x.shape, generator=self.generator) < 0.5)).to(x)


def cross_fit(
    features: np.ndarray, labels: LabelMatrix, folds: np.ndarray, *, recipe: Recipe, loss: Loss, seed: int, device: str | None = None
) -> np.ndarray:
    """Out-of-fold logits of all labels, float32 (n_items, n_labels).

    Parameters
    ----------
    features : array of shape (n_items, n_features)
    labels : LabelMatrix, shape (n_items, n_labels)
        Unknown cells take part as the loss says.
    folds : array of int, shape (n_items,)
    recipe : Recipe
    loss : Loss
    seed : int
    device : str, optional
        A torch device; default: :func:`labelscope.models.device.best_device`.
    """
    n_folds, place = int(folds.max()) + 1, torch.device(device or best_device())
    rows = _Rows(features, labels, place)
    share = torch.from_numpy((labels.n_positive + 0.5) / (labels.shape[0] + 1)).to(place, torch.float32)
    out = np.empty(labels.shape, np.float32)
    for fold in range(n_folds):
        key = int(generator(seed, "descent", fold).integers(1 << 31))
        with torch.random.fork_rng(devices=[]):  # the user's own random numbers are left alone
            torch.manual_seed(key)
            network = recipe.build(features.shape[1], labels.shape[1], key).to(place)
        with torch.no_grad():
            cast("nn.Linear", network[-1]).bias.copy_(torch.logit(share))
        _train(network, recipe, rows, np.flatnonzero(folds != fold), loss, share, key)
        network.eval()
        held_out = np.flatnonzero(folds == fold)
        with torch.inference_mode():
            for block in row_blocks(len(held_out), 4 * sum(labels.shape[1:] + features.shape[1:])):
                out[held_out[block]] = network(rows.features_of(held_out[block])).cpu().numpy()
        advance("predict", 0.1 + 0.7 * (fold + 1) / n_folds)
    return out


class _Rows:
    """Where batches come from: standardised features and states, on the device; all at once where that takes little room."""

    def __init__(self, features: np.ndarray, labels: LabelMatrix, device: torch.device) -> None:
        self.features, self.labels, self.device = features, labels, device
        self.mean, self.deviation = _standard(features)
        self.on_device: tuple[Tensor, Tensor] | None = None
        if len(features) * (4 * features.shape[1] + labels.shape[1]) <= HELD:
            every = np.arange(len(features))
            self.on_device = self.features_of(every), self.states_of(every)

    def features_of(self, rows: np.ndarray) -> Tensor:
        """Centred, at a mean variance of one: the scale on which penalties and learning rates are meant."""
        if self.on_device is not None:
            return self.on_device[0][torch.from_numpy(rows).to(self.device)]
        x = (np.asarray(self.features[rows], np.float32) - self.mean) / np.float32(self.deviation)
        return torch.from_numpy(x).to(self.device)

    def states_of(self, rows: np.ndarray) -> Tensor:
        if self.on_device is not None:
            return self.on_device[1][torch.from_numpy(rows).to(self.device)]
        return torch.from_numpy(self.labels.dense(rows)).to(self.device)


def _standard(features: np.ndarray) -> tuple[np.ndarray, float]:
    """Mean of each feature, float32 (n_features,), and the root of the mean variance."""
    total = square = np.zeros(features.shape[1])
    for block in row_blocks(len(features), 8 * features.shape[1]):
        part = np.asarray(features[block], np.float64)
        total, square = total + part.sum(axis=0), square + np.einsum("ij,ij->j", part, part)
    mean = total / len(features)
    variance = float(np.mean(np.maximum(square / len(features) - mean**2, 0)))
    return mean.astype(np.float32), max(variance, 1e-24) ** 0.5


def _train(network: nn.Sequential, recipe: Recipe, rows: _Rows, items: np.ndarray, loss: Loss, share: Tensor, seed: int) -> None:
    size = max(1, min(len(items), BATCH, MOST_CELLS // rows.labels.shape[1]))
    n_steps = max(STEPS, -(-EPOCHS * len(items) // size))
    optimizer = recipe.optimize(network)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    network.train()
    for batch in batches(items, size, n_steps, seed):
        optimizer.zero_grad()
        torch.autograd.backward(loss(network(rows.features_of(batch)), rows.states_of(batch), share).sum())
        optimizer.step()
        falling.step()


def batches(items: np.ndarray, size: int, n_steps: int, seed: int) -> Iterator[np.ndarray]:
    """Batches of items, each item once before any comes again; sorted within, for the sake of memory maps."""
    rng, waiting = generator(seed, "batches"), items[:0]
    for _ in range(n_steps):
        if len(waiting) < size:
            waiting = np.concatenate([waiting, rng.permutation(items)])
        yield np.sort(waiting[:size])
        waiting = waiting[size:]
