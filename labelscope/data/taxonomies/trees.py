"""Taxonomies as JSON: nested trees, lists of nodes, and mappings of child to parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labelscope.errors import DataError

__all__ = ["tree_edges"]

NAMES = ("name", "label", "id", "title")
PARENTS = ("parent", "parents", "broader")
BELOW = ("children", "narrower")
Edge = tuple[str, str]


def tree_edges(tree: Any, name: str) -> list[Edge]:
    """(parent, child) of what a JSON file holds.

    Parameters
    ----------
    tree : parsed JSON
        ``{"child": "parent"}`` or ``{"child": ["parent", ...]}``; a nested tree ``{"parent": {"child": {}}}`` in which a
        list or an empty object holds leaves; ``{"name": ..., "children": [...]}`` or a list of such nodes, which may name
        a "parent" instead; a list of pairs [parent, child] or of ``{"parent": ..., "child": ...}``.
    name : str
        Of the file, for messages.

    Raises
    ------
    DataError
        If it is none of these.
    """
    if isinstance(tree, Mapping):
        if any(key in tree and isinstance(tree[key], list) for key in BELOW):
            return list(_node_edges([tree], name))
        if any(isinstance(value, Mapping) for value in tree.values()):
            return list(_nested_edges(tree, name))
        return [(parent, str(child)) for child, parents in tree.items() for parent in _several(parents, name)]
    if not isinstance(tree, list):
        raise DataError(f"taxonomy: expected an object or a list in {name}, got a {type(tree).__name__}; write {{child: parent}}")
    if all(isinstance(entry, list) and len(entry) == 2 for entry in tree):
        return [(_name(parent, name), _name(child, name)) for parent, child in tree]
    return list(_node_edges(tree, name))


def _nested_edges(tree: Mapping[str, Any], name: str) -> Iterator[Edge]:
    todo: list[Mapping[str, Any]] = [tree]
    while todo:
        for parent, below in todo.pop().items():
            for child in _several(list(below) if isinstance(below, Mapping) else below, name):
                yield parent, child
            if isinstance(below, Mapping):
                todo.append(below)


def _node_edges(nodes: list[Any], name: str) -> Iterator[Edge]:
    todo: list[tuple[str | None, Any]] = [(None, node) for node in nodes]
    while todo:
        above, node = todo.pop()
        own = _name(node.get("child", _first(node, NAMES)), name, optional=True) if isinstance(node, Mapping) else _name(node, name)
        if above is not None and own is not None:
            yield above, own
        if not isinstance(node, Mapping):
            continue
        if own is not None:
            yield from ((parent, own) for parent in _several(_first(node, PARENTS), name))
        below = _first(node, BELOW) or ()
        if not isinstance(below, (list, tuple)):
            raise DataError(f"taxonomy: expected a list of children in {name}, got {str(below)[:60]!r}; write [...]")
        todo.extend((own if own is not None else above, child) for child in below)


def _first(node: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((node[key] for key in keys if key in node), None)


def _several(given: Any, name: str) -> list[str]:
    entries = given if isinstance(given, list) else [] if given is None else [given]
    return [_name(entry, name) or "" for entry in entries]


def _name(given: Any, name: str, *, optional: bool = False) -> Any:
    """A name as text; numbers are names too."""
    if isinstance(given, str) or (isinstance(given, (int, float)) and not isinstance(given, bool)):
        return str(given)
    if optional and given is None:
        return None
    raise DataError(f"taxonomy: expected names of labels in {name}, got {str(given)[:60]!r}; write {{child: parent}} or a tree of names")
