"""The MLP head: one small hidden layer, strongly regularised, for features that a linear head cannot read."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from labelscope.models.descent import Dropout, Recipe

__all__ = ["MLP"]

HIDDEN = 128
RATE, OUTPUT_RATE, BIAS_RATE = 2e-3, 1e-2, 0.1  # the losses put the level of the logits in very different places: the output must get there
DECAY = 3.0  # with less it follows the noise, and finds fewer wrong labels


def build(n_features: int, n_labels: int, seed: int) -> nn.Sequential:
    """A hidden layer of 128 units with half of them dropped, the output starting at zero."""
    hidden, output = nn.Linear(n_features, HIDDEN), nn.Linear(HIDDEN, n_labels)
    nn.init.zeros_(output.weight)
    return nn.Sequential(hidden, nn.GELU(), Dropout(seed), output)


def optimize(network: nn.Module) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019), faster towards the output; its intercepts do not decay."""
    *hidden, output, bias = network.parameters()
    groups: list[dict[str, Any]] = [
        {"params": hidden},
        {"params": [output], "lr": OUTPUT_RATE},
        {"params": [bias], "lr": BIAS_RATE, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), weight_decay=DECAY)


MLP = Recipe(build, optimize)
