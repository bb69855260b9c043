"""Work for a process of its own: fill the cache with what a stage will ask it for. ``python -m`` runs it; nobody imports it.

It gets a task, a file of embeddings and a seed, and writes the share done on standard output, one number a line. Its
result is the entry in the cache (:mod:`labelscope.compute.cache`), found there by content: nothing is sent back, and a
worker that fails or is stopped leaves nothing behind.
"""

from __future__ import annotations

import sys

import numpy as np

from labelscope.compute.progress import watch

__all__ = ["TASKS", "main"]

TASKS = ("neighbours", "map")


def main(task: str, path: str, seed: int) -> None:
    """Do one task on the embeddings in a file."""
    X = np.load(path, mmap_mode="r", allow_pickle=False)
    with watch(_report):
        if task == "neighbours":
            from labelscope.space.neighbors import nearest

            nearest(X, seed=seed)
        elif task == "map":
            from labelscope.space.project import project

            project(X, method="umap", seed=seed)


def _report(_: str, done: float) -> None:
    sys.stdout.write(f"{done:.4f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
