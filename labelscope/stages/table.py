"""The one table of stages: their names, what people read, what each needs, and how it is computed.

Whoever runs stages (the Explorer, a prefetch, the command line, a page that is published) takes rows from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from labelscope.errors import StageError

if TYPE_CHECKING:
    from labelscope.data.dataset import Dataset
    from labelscope.session import Session

__all__ = ["TABLE", "StageSpec", "allowed", "blocked", "in_order", "stage_of"]


class StageSpec(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    name : str
        Key, in the app and in :attr:`StageResults.ready`.
    verb : str
        Key in the summary of a scan: the public function that does it.
    title : str
        Words for people.
    compute : callable
        Gives the result of a session.
    needs : tuple of str
        Stages without which it is not tried, where the data set allows them.
    input : {"labels", "scores", "items"}
        What the data set must have: labels alone; probabilities, features or items to embed; items to embed.
    warmup : str
        Task of the process that does the heavy part beside the kernel (:mod:`labelscope.stages.cache_warmup`), if there is one.
    kept : bool
        Whether the result is kept in the session under this name.
    on_request : bool
        Whether it runs only where somebody asks for it.
    """

    name: str
    verb: str
    title: str
    compute: Callable[[Session], Any]
    needs: tuple[str, ...] = ()
    input: str = "items"
    warmup: str = ""
    kept: bool = True
    on_request: bool = False


def _long_tail(session: Session) -> Any:
    from labelscope.stats.long_tail import long_tail  # stages are heavy: each is loaded when it runs

    return long_tail(session.dataset)


def _cooccurrence(session: Session) -> Any:
    from labelscope.stats.cooccurrence import cooccurrence

    return cooccurrence(session.dataset)


def _relations(session: Session) -> Any:
    from labelscope.stats.relations import relations

    return relations(session.dataset)


def _novel_labels(session: Session) -> Any:
    return session.find_novel_labels()


def _violations(session: Session) -> Any:
    return session.violations if session.constraints.in_force.frame.height else None


TABLE: tuple[StageSpec, ...] = (
    StageSpec("long_tail", "long_tail", "Long tail", _long_tail, input="labels", kept=False),
    StageSpec("cooccurrence", "cooccurrence", "Co-occurrence", _cooccurrence, input="labels", kept=False),
    StageSpec("label_relations", "relations", "Relations", _relations, input="labels", kept=False),
    StageSpec("equal_rows", "equal_rows", "Equal rows", attrgetter("equal_rows"), input="labels", kept=False),
    StageSpec("embeddings", "embed", "Embeddings", attrgetter("embeddings")),
    StageSpec("first_map", "first_map", "First map", attrgetter("first_map"), ("embeddings",)),
    StageSpec("predictions", "predict", "Predictions", attrgetter("predictions"), ("embeddings",), "scores", "neighbours"),
    StageSpec("findings", "find_issues", "Findings", attrgetter("findings"), ("predictions",), "scores"),
    StageSpec("suggestions", "suggest", "Suggestions", attrgetter("suggestions"), ("findings",), "scores"),
    StageSpec("violations", "violations", "Violations", _violations, input="labels", kept=False),
    StageSpec("pseudo_labels", "pseudo_label", "Pseudo-labels", attrgetter("pseudo_labels"), ("predictions",), "scores"),
    StageSpec("embedding_quality", "embedding_quality", "Embedding quality", attrgetter("embedding_quality"), ("embeddings",), kept=False),
    StageSpec("map", "map", "Map", attrgetter("map"), ("embeddings", "first_map"), warmup="map"),  # UMAP takes longest,
    StageSpec("health", "health", "Health", attrgetter("health"), input="labels", kept=False),  # and this is of all that is there by then
    StageSpec("novel_labels", "novel_labels", "Novel groups", _novel_labels, ("embeddings",), kept=False, on_request=True),
)

_BLOCKED = {
    "items": "No map: this data set has no embeddings, text or image. Give one of them to see the items.",
    "scores": "No suggestions: this data set has no embeddings, text, image, features or probabilities to learn from. Give one of them.",
}


def stage_of(name: str) -> StageSpec:
    """The row of a name.

    Raises
    ------
    StageError
        If there is none.
    """
    for spec in TABLE:
        if spec.name == name:
            return spec
    raise StageError(f"stage: expected one of {', '.join(spec.name for spec in TABLE)}, got {name!r}")


def allowed(spec: StageSpec, dataset: Dataset) -> bool:
    """Whether a data set has what a stage must have."""
    has_scores = dataset.has_content or dataset.probabilities is not None or bool(dataset.features)
    return {"labels": True, "scores": has_scores, "items": dataset.has_content}[spec.input]


def blocked(spec: StageSpec, dataset: Dataset) -> str:
    """Why a data set does not allow a stage, in words; empty if it does."""
    return "" if allowed(spec, dataset) else _BLOCKED[spec.input]


def in_order(names: Sequence[str]) -> list[StageSpec]:
    """The rows of some names, in the order of the table."""
    return [spec for spec in TABLE if spec.name in names]
