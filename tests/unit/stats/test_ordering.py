from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from labelscope.stats.ordering import sparse_cluster_order


def test_more_blocks_than_axes_still_lie_side_by_side():
    """Blocks beyond the leading singular vectors are told apart by what little is left of them, however short."""
    rng = np.random.default_rng(0)
    n_blocks, size = 120, 20
    block = np.arange(n_blocks * size) // size
    shuffled = rng.permutation(len(block))
    noisy = sp.block_diag([0.3 + 0.1 * rng.random((size, size)) for _ in range(n_blocks)], format="csr")
    similarity = sp.csr_matrix((noisy + noisy.T) / 2)[shuffled][:, shuffled]
    ordered = block[shuffled][sparse_cluster_order(similarity)]
    assert (ordered[1:] == ordered[:-1]).mean() > 0.9
