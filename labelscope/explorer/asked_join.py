"""What a view may ask of another data set."""

from __future__ import annotations

from labelscope.explorer.asked import Asked

__all__ = ["JoinAsked", "JoinConfirmed"]


class JoinAsked(Asked, frozen=True):
    """The file of another data set; `embeddings`: a .npy file of its embeddings, "" for none."""

    path: str
    embeddings: str = ""


class JoinConfirmed(Asked, frozen=True):
    """The pairs, by `at`, that a person confirmed of the comparison `made`, and where the joined table goes."""

    made: int
    confirmed: list[int]
    path: str
