"""A fixed image encoder: colour, texture and shape statistics that need no download and no training.

Where a pretrained network is not to be had, these classical descriptors still put like scenes together. They see
what is there (colours, edges, their directions and how they meet) and roughly where, not what it means.

Per image: means and spreads of colour on a spatial pyramid, a colour histogram, the energy of a bank of Gabor
filters on a pyramid, and the correlations between all these channels over the image, which tell a corner from two
separate edges and say which colour goes with which texture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from labelscope.compute.vectors import unit_rows

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["SIZE", "Standard", "describe", "fit_standard", "join"]

SIZE = 64  # pixels a side at which every image is described
WAVELENGTH = 4.0  # pixels, at full size; twice and four times as long at half and quarter size
N_SCALES = 3
GRID = 16  # positions a side at which filter energies and colours are compared
N_ORIENTATIONS = 6
N_LIGHT, N_CHROMA = 8, 8
N_COMPONENTS = 256


def describe(pixels: np.ndarray) -> list[np.ndarray]:
    """Blocks of features of a batch of images.

    Parameters
    ----------
    pixels : uint8, shape (n_images, SIZE, SIZE, 3)
        sRGB.

    Returns
    -------
    list of float32 arrays of n_images rows
        Colour moments, colour histogram, filter energies, correlations.

    Notes
    -----
    Colours in Oklab (B. Ottosson, 2020), where distances are near to what eyes see; filters after B. Manjunath,
    W. Ma, *Texture features for browsing and retrieval of image data* (PAMI 1996); correlations after O. Tuzel,
    F. Porikli, P. Meer, *Region covariance* (ECCV 2006).
    """
    import torch
    from torch.nn.functional import adaptive_avg_pool2d

    with torch.inference_mode():
        lab = _oklab(torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255)
        energy = _energy(lab[:, :1])
        chroma = (_energy(lab[:, 1:2], first=1) + _energy(lab[:, 2:], first=1)) / 2  # colour has little detail
        blocks = (
            torch.cat([*_pyramid(lab, (1, 2, 4)), *(s.clamp_min(0).sqrt() for s in _spread(lab, (1, 2, 4)))], 1),
            _histogram(lab),
            torch.cat([*_pyramid(energy, (1, 2)), *_pyramid(chroma, (1,)), *(s.clamp_min(0).sqrt() for s in _spread(energy, (1,)))], 1),
            _correlations(torch.cat([adaptive_avg_pool2d(lab, GRID), energy], 1)),
        )
        return [block.numpy() for block in blocks]


@dataclass(frozen=True, eq=False)
class Standard:
    """How features become vectors, as fitted on a data set: centred, scaled, on its principal axes.

    Attributes
    ----------
    mean, scale : float64, shape (n_kept,)
        Of each kept feature; the scale holds its spread and the root of the width of its block.
    kept : bool, shape (n_described,)
        Features that differ between images.
    axes : float32, shape (n_kept, at most 256)
    """

    mean: np.ndarray
    scale: np.ndarray
    kept: np.ndarray
    axes: np.ndarray

    @classmethod
    def blank(cls) -> Standard:
        """That of a data set without any image: whatever comes is one and the same vector."""
        return cls(np.empty(0), np.empty(0), np.empty(0, bool), np.empty((0, 1), np.float32))

    def apply(self, blocks: list[np.ndarray]) -> np.ndarray:
        """Vectors of length 1, float32 (n_images, n_features), of what :func:`describe` found."""
        if not self.kept.any():  # one image, or all of them the same
            return np.ones((len(blocks[0]), 1), np.float32)
        reduced = self._scaled(blocks) @ self.axes
        return unit_rows(reduced, tiny=1e-7)

    def _scaled(self, blocks: list[np.ndarray]) -> np.ndarray:
        return ((np.concatenate(blocks, axis=1)[:, self.kept] - self.mean) / self.scale).astype(np.float32)


def fit_standard(blocks: list[np.ndarray]) -> Standard:
    """What makes one matrix of the blocks, in which each weighs the same, on its principal axes.

    Every feature is centred and scaled over the data set, every block is divided by the root of its width; at most
    `N_COMPONENTS` principal components are kept.
    """
    means, scales, kept = [], [], []
    for block in blocks:
        spread = block.std(axis=0, dtype=np.float64)
        real = spread > 1e-6 * max(1.0, float(spread.max(initial=0)))
        means.append(block.mean(axis=0)[real])
        scales.append(spread[real] * math.sqrt(real.sum()))
        kept.append(real)
    standard = Standard(np.concatenate(means), np.concatenate(scales), np.concatenate(kept), np.empty((0, 1), np.float32))
    if not standard.kept.any():
        return standard
    joined = standard._scaled(blocks)  # noqa: SLF001 - the matrix whose axes are missing yet
    squares, axes = np.linalg.eigh((joined.T @ joined).astype(np.float64))
    n_axes = min(N_COMPONENTS, len(joined), int((squares > 1e-6 * squares[-1]).sum()))
    return replace(standard, axes=axes[:, ::-1][:, :n_axes].astype(np.float32))


def _oklab(rgb: Tensor) -> Tensor:
    import torch

    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = torch.tensor(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
    )
    opponent = torch.tensor(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    response = torch.einsum("ij,njhw->nihw", cones, linear).clamp_min(0) ** (1 / 3)
    return torch.einsum("ij,njhw->nihw", opponent, response)


def _energy(channel: Tensor, first: int = 0) -> Tensor:
    """Gabor energy (root of even squared plus odd squared) on a `GRID`, one channel a scale and orientation.

    One small bank on the image at full, half and quarter size: a tenth of the work of large filters.
    """
    import torch
    from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, conv2d, pad

    bank = _filters()
    reach = bank.shape[-1] // 2
    maps = []
    for scale in range(first, N_SCALES):
        image = avg_pool2d(channel, 2**scale) if scale else channel
        even, odd = conv2d(pad(image, [reach] * 4, mode="reflect"), bank).chunk(2, dim=1)
        maps.append(adaptive_avg_pool2d((even**2 + odd**2 + 1e-12).sqrt(), GRID))
    return torch.cat(maps, 1)


@lru_cache(maxsize=1)
def _filters() -> Tensor:
    """Even, then odd filters (2 N_ORIENTATIONS, 1, side, side), blind to plain light."""
    import torch

    reach = int(WAVELENGTH)
    y, x = torch.meshgrid(torch.arange(-reach, reach + 1.0), torch.arange(-reach, reach + 1.0), indexing="ij")
    envelope = torch.exp(-(x**2 + y**2) / (2 * (WAVELENGTH / 2.5) ** 2))
    angles = [math.pi * step / N_ORIENTATIONS for step in range(N_ORIENTATIONS)]
    phase = torch.stack([(x * math.cos(a) + y * math.sin(a)) * (2 * math.pi / WAVELENGTH) for a in angles])
    even, odd = envelope * torch.cos(phase), envelope * torch.sin(phase)
    even = even - envelope * (even.sum((1, 2), keepdim=True) / envelope.sum())
    return (torch.cat([even, odd]) / envelope.sum())[:, None]


def _pyramid(maps: Tensor, levels: tuple[int, ...]) -> list[Tensor]:
    from torch.nn.functional import adaptive_avg_pool2d

    return [adaptive_avg_pool2d(maps, level).flatten(1) for level in levels]


def _spread(maps: Tensor, levels: tuple[int, ...]) -> list[Tensor]:
    return [square - mean**2 for square, mean in zip(_pyramid(maps**2, levels), _pyramid(maps, levels), strict=True)]


def _histogram(lab: Tensor) -> Tensor:
    """Soft histograms of lightness and of the colour plane, as square roots (Hellinger)."""
    import torch

    flat = lab.flatten(2)
    light = _soft_bins(flat[:, 0], 0.0, 1.0, N_LIGHT)
    red, blue = (_soft_bins(flat[:, axis], -0.3, 0.3, N_CHROMA) for axis in (1, 2))
    plane = torch.einsum("npi,npj->nij", red, blue).flatten(1) / flat.shape[2]
    return torch.cat([light.mean(1), plane], 1).sqrt()


def _soft_bins(values: Tensor, low: float, high: float, count: int) -> Tensor:
    """Weights (n, n_pixels, count) of each value on its two nearest bins."""
    import torch

    place = ((values - low) / (high - low) * (count - 1)).clamp(0, count - 1)
    return (1 - (place[..., None] - torch.arange(count)).abs()).clamp_min(0)


def _correlations(maps: Tensor) -> Tensor:
    import torch

    flat = maps.flatten(2)
    flat = flat - flat.mean(2, keepdim=True)
    flat = flat / (flat.pow(2).mean(2, keepdim=True).sqrt() + 1e-3)  # the constant keeps noise of a plain image small
    matrix = torch.einsum("nip,njp->nij", flat, flat) / flat.shape[2]
    row, column = torch.triu_indices(maps.shape[1], maps.shape[1], 1)
    return matrix[:, row, column]


def join(batches: list[list[np.ndarray]]) -> list[np.ndarray]:
    """The blocks of several batches, batch after batch."""
    return [np.concatenate(block) for block in zip(*batches, strict=True)]
