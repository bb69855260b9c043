"""Results of the stages of a data set, each computed once, by whoever first asks for it.

A stage runs in whichever thread asks; others wait for it and not for anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import numpy as np

from labelscope.compute.progress import watch
from labelscope.errors import LabelscopeError, StageError
from labelscope.stages.runner import Runner, StageRun
from labelscope.stages.table import TABLE, allowed

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.issues.find import Findings, Noise
    from labelscope.models.predict import Predictions
    from labelscope.space.project import EmbeddingMap

__all__ = ["Computed", "StageResults"]

T = TypeVar("T")
KEPT = {spec.name: spec for spec in TABLE if spec.kept}


class Computed(Generic[T]):
    """A property computed once in each object, by the first thread that asks; others that ask wait for it.

    An attempt that fails or is cancelled leaves nothing: the next one starts anew. A stage asks only for stages
    before it, so there is no circle of locks.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    def __get__(self, staged: StageResults | None, owner: type) -> T:
        if staged is None:
            return self  # type: ignore[return-value]
        return staged.once(self._name, self._compute)

    def __set__(self, staged: StageResults, value: object) -> NoReturn:
        raise AttributeError(f"{self._name} is computed, not set")


class StageResults:
    """What the stages of one data set found, as far as it needs no person.

    Parameters
    ----------
    dataset : Dataset
    seed : int
    noise : {"auto", "both", "missing", "spurious"}
        As for :func:`labelscope.find_issues`.
    model : str, optional
        Embedding model, as for :func:`labelscope.space.embed.embed`.
    executor : concurrent.futures.Executor, optional
        Where the chunks of the stages run.
    """

    def __init__(
        self, dataset: Dataset, *, seed: int = 0, noise: Noise = "auto", model: str | None = None, executor: Executor | None = None
    ) -> None:
        self.dataset = dataset
        self.seed, self.noise, self.model, self.executor = seed, noise, model, executor
        self._results: dict[str, Any] = {}
        staged = (name for owner in type(self).__mro__ for name, value in vars(owner).items() if isinstance(value, Computed))
        self._locks = {name: Lock() for name in staged}

    @property
    def has_map(self) -> bool:
        """Whether there is anything to embed: embeddings, a text or an image."""
        return self.dataset.has_content

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages that this data set allows, in the order of :meth:`run`."""
        return tuple(name for name, spec in KEPT.items() if allowed(spec, self.dataset))

    def run(self, sink: Callable[[str, float], None] | None = None) -> dict[str, LabelscopeError]:
        """Run all stages in an order for somebody who waits: a first map, what is wrong, then the map that takes long.

        Parameters
        ----------
        sink : callable, optional
            Called with (name of what runs, share done from 0 to 1); may raise
            :class:`labelscope.compute.progress.Cancelled`, which ends the run and keeps what is there.

        Returns
        -------
        dict
            Why a stage could not run, by stage; empty if all did.
        """
        runs = [StageRun(KEPT[name], partial(getattr, self, name)) for name in self.stages]
        with watch(sink):
            Runner(runs).run()
        failed = {run.spec.name: run.failure for run in runs if run.failure is not None}
        for failure in failed.values():
            if not isinstance(failure, LabelscopeError):
                raise failure
        return failed  # type: ignore[return-value] # all of them are: the loop above

    @property
    def ready(self) -> frozenset[str]:
        """Names of the stages whose results are there."""
        return frozenset(self._results) & frozenset(KEPT)

    def once(self, name: str, compute: Callable[[Any], T]) -> T:
        """The result kept under a name, computed by the first caller.

        Raises
        ------
        StageError
            If it is a stage that this data set does not allow.
        """
        with self._locks[name]:
            if name not in self._results:
                if name in KEPT and name not in self.stages:
                    raise StageError(f"{name}: expected embeddings, a text or an image, got none; give embeddings=, text= or image=")
                return self._keep(name, compute)
            found: T = self._results[name]
            return found

    def _keep(self, name: str, compute: Callable[[Any], T]) -> T:
        """Compute a result, and keep it."""
        found = self._results[name] = compute(self)
        return found

    @Computed
    def embeddings(self) -> np.ndarray:
        """Embeddings of the items, float32 (n_items, n_features)."""
        from labelscope.space.embed import embed  # stages are heavy: each is loaded when it runs

        return embed(self.dataset, model=self.model, seed=self.seed)

    @Computed
    def first_map(self) -> EmbeddingMap:
        """The map by PCA, at once."""
        from labelscope.space.project import embedding_map

        return embedding_map(self.embedded, method="pca", seed=self.seed)

    @Computed
    def map(self) -> EmbeddingMap:
        """The map by UMAP."""
        from labelscope.space.project import embedding_map

        return embedding_map(self.embedded, method="umap", seed=self.seed)

    @Computed
    def predictions(self) -> Predictions:
        """Out-of-fold probabilities: the user's own if the data set has them."""
        from labelscope.models.predict import predict

        return predict(self.embedded, seed=self.seed, executor=self.executor)

    @Computed
    def findings(self) -> Findings:
        """Suspicious cells."""
        from labelscope.issues.find import find_issues

        return find_issues(self.embedded, self.predictions, noise=self.noise, seed=self.seed, executor=self.executor)

    @Computed
    def embedded(self) -> Dataset:
        """The data set with its embeddings in place, so that no stage embeds again."""
        return replace(self.dataset, embeddings=self.embeddings) if self.has_map else self.dataset
