"""What comes beside the table: arrays, votes, a taxonomy, label names; given in memory or as a file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from labelscope.data.file_names import check_file_name
from labelscope.data.formats.format import ReadOptions, reading
from labelscope.data.formats.registry import find_format
from labelscope.data.frames import is_frame, to_polars
from labelscope.data.limits import check_table
from labelscope.data.repeated_keys import load_json
from labelscope.data.taxonomies.skos import SUFFIXES, read_skos
from labelscope.data.taxonomies.trees import tree_edges
from labelscope.data.typed import typed_columns
from labelscope.errors import DataError

NAME_COLUMNS = (
    "name",
    "label",
    "label_name",
    "display_name",
    "title",
    "class",
    "class_name",
    "category",
    "tag",
    "attribute_name",
    "labels",
)
ID_COLUMNS = ("id", "index", "idx", "label_id", "class_id", "attribute_id", "category_id", "mid", "code", "key", "labelname", "number")

FIRST_CELLS = 1000
WORD = re.compile(r"[\w/.:-]+")

__all__ = ["NamesByKey", "is_path", "load_array", "load_frame", "load_label_names", "load_taxonomy", "open_file"]


REMOTE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(.+)")


def is_path(given: Any) -> bool:
    """Whether `given` names a file."""
    return isinstance(given, (str, os.PathLike))


def open_file(given: Any, role: str) -> Path:
    """The path of a file that is there.

    Raises
    ------
    DataError
        If there is no such file, or it is a folder or an address elsewhere.
    """
    path = Path(given)
    if remote := REMOTE.match(str(given)):
        raise DataError(_download(role, remote[1].lower(), remote[2]))
    check_file_name(path, role)
    if path.is_dir():
        raise DataError(f"{role}: expected a file, got the folder {path}; name the file in it")
    if not path.is_file():
        raise DataError(f"{role}: expected an existing file, got {path}; check the path")
    if not os.access(path, os.R_OK):
        raise DataError(f"{role}: expected a file that can be read, got {path} (permission denied); change its permissions")
    return path


def _download(role: str, scheme: str, rest: str) -> str:
    """The line that says how to get a local copy; a path has lost one of two slashes."""
    address, file = f"{scheme}://{rest}", rest.rstrip("/").rpartition("/")[2]
    if scheme == "file":
        return f"{role}: expected a path, got a URL; write '/{rest.lstrip('/')}'"
    command = {
        "s3": f"aws s3 cp {address} .",
        "gs": f"gcloud storage cp {address} .",
        "hf": f"hf download --repo-type dataset {'/'.join(rest.split('/')[1:3])} --local-dir .",
        "http": f"curl -LO {address}",
        "https": f"curl -LO {address}",
    }.get(scheme, "with the tool of that storage")
    return f"{role}: expected a local file, got {address}, and nothing is fetched over a network; copy it ({command}) and read {file!r}"


def load_array(given: Any, role: str) -> Any:
    """An array as given, or a memory map of a ``.npy`` file; nothing in the file is executed.

    Raises
    ------
    DataError
        If the file is missing, cut off, no ``.npy``, or holds Python objects.
    """
    if not is_path(given):
        return given
    path = open_file(given, role)
    if path.suffix.lower() != ".npy":
        raise DataError(f"{role}: expected a .npy file, got {path.name}; save the array with numpy.save")
    with reading(".npy", path, role):
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except ValueError as error:
            if not any(word in str(error) for word in ("allow_pickle", "Python objects", "pickled")):
                raise
            raise DataError(
                f"{role}: expected a .npy file of numbers, got {path.name}, which holds Python objects, which are never loaded; "
                "save a numeric array with numpy.save"
            ) from None
    if not isinstance(array, np.ndarray):  # a zip archive of arrays, whatever its name
        array.close()
        raise DataError(f"{role}: expected a .npy file of one array, got an .npz archive in {path.name}; save the array with numpy.save")
    if array.dtype.kind not in "fiub":
        raise DataError(f"{role}: expected numbers, got an array of {array.dtype} in {path.name}; convert it")
    return array


def load_frame(given: Any, role: str) -> pl.DataFrame:
    """A frame as given, or the table of a file, numbers of a CSV as numbers.

    Raises
    ------
    DataError
        If the file is missing or broken, or `given` is no frame.
    """
    if not is_path(given):
        return to_polars(given, role)
    return typed_columns(_table(open_file(given, role), role), keep=("rater", "label"))


def load_taxonomy(given: Any) -> Any:
    """A taxonomy as :meth:`labelscope.data.taxonomy.Taxonomy.build` takes it.

    Parameters
    ----------
    given : path or anything else
        A table, as :func:`labelscope.data.taxonomies.tables.table_edges` reads it; JSON, as
        :func:`labelscope.data.taxonomies.trees.tree_edges` does; or SKOS as RDF/XML (``.rdf``, ``.xml``, ``.owl``), Turtle
        or N-Triples (``.ttl``, ``.nt``, ``.n3``), for which the extra ``rdf`` is needed.

    Raises
    ------
    DataError
        If the file is missing or broken.
    """
    if not is_path(given):
        return to_polars(given, "taxonomy") if is_frame(given) else given
    path = open_file(given, "taxonomy")
    suffix = path.suffix.lower()
    if suffix == ".json":
        tree = _json(path, "taxonomy")
        with reading("tree of labels", path, "taxonomy"):
            return tree_edges(tree, path.name)
    if suffix in SUFFIXES:
        with reading("vocabulary", path, "taxonomy"):
            return read_skos(path)
    return _table(path, "taxonomy")  # names of labels stay text, "01" too


class NamesByKey(dict[object, object]):
    """Names by the first id of a table that has several; :meth:`for_labels` takes the id that the labels use.

    Parameters
    ----------
    ways : sequence of dict
        Id to name, one for each column of ids.
    """

    def __init__(self, ways: Sequence[dict[object, object]]) -> None:
        super().__init__(ways[0])
        self._ways = tuple(ways)

    def for_labels(self, table: pl.DataFrame, labels: str | Sequence[str]) -> dict[object, object]:
        """Names by the ids that cover most of what the label columns hold; by the first where they are as many."""
        if not isinstance(labels, str):
            words: set[object] = set(labels)
        elif labels not in table.columns:
            return dict(self)
        else:
            cells = table[labels].drop_nulls().head(FIRST_CELLS)
            texts = cells.explode() if isinstance(cells.dtype, pl.List) and not cells.dtype.inner.is_nested() else cells
            words = (
                set()
                if texts.dtype.is_nested()
                else {word for text in texts.cast(pl.String).drop_nulls() for word in (text, *WORD.findall(text))}
            )
        return max(self._ways, key=lambda way: len(words & way.keys()))


def load_label_names(given: Any) -> Any:
    """Label names as given, or out of a file: JSON, a CSV with the columns id and name, or text with one name a line.

    Raises
    ------
    DataError
        If the file is missing or broken, or `given` is neither a sequence nor a mapping.
    """
    if given is None or isinstance(given, Mapping):
        return given
    if not is_path(given):
        try:
            return [str(name) for name in given]
        except TypeError:
            raise DataError(
                f"label_names: expected a list of names, a mapping or a file, got {type(given).__name__}; write it as a list"
            ) from None
    path = open_file(given, "label_names")
    if path.suffix.lower() == ".json":
        names = _json(path, "label_names")
        if not isinstance(names, (list, dict)):
            raise DataError(
                f"label_names: expected a list or an object in {path.name}, got {type(names).__name__}; write the names as a list"
            )
        return names
    if path.suffix.lower() in {".csv", ".tsv", ".tab"}:
        return _names_of_table(path)
    lines = _text(path, "label_names").split("\n")  # splitlines would take some characters of a name for the end of a line
    names = [line.strip() for line in lines if line.strip()]
    comments = [name for name in names if name.startswith(("# ", "//"))]
    if comments and len(comments) < len(names):
        raise DataError(
            f"label_names: expected a name in each line of {path.name}, got {comments[0]!r}, which looks like a comment; remove that line,"
            " or pass the names as a list"
        )
    return names


def _names_of_table(path: Path) -> list[str] | dict[object, object]:
    """Names out of a table: one column of names, or ids (numbers, or the first column) and names, with a header line."""
    table = _table(path, "label_names")
    if table.width == 1:
        return (
            [*table.columns, *table.to_series().drop_nulls().to_list()]
            if not _is_heading(table.columns[0])
            else table.to_series().to_list()
        )
    known = {name.strip().lower(): name for name in table.columns}
    name = next((known[word] for word in NAME_COLUMNS if word in known), table.columns[-1] if table.width == 2 else None)
    keys = [known[word] for word in ID_COLUMNS if word in known and known[word] != name]
    if not keys and table.width == 2:
        keys = [column for column in table.columns if column != name]
    if name is None or not keys:
        raise DataError(
            f"label_names: expected the columns id and name in {path.name}, got {', '.join(map(repr, table.columns))}; name them so"
        )
    ways = [_names_by(table, key, name, path) for key in keys[:1]] + [
        _names_by(table, key, name, path) for key in keys[1:] if _is_key(table[key])
    ]
    return ways[0] if len(ways) == 1 else NamesByKey(ways)


def _names_by(table: pl.DataFrame, key: str, name: str, path: Path) -> dict[object, object]:
    """Names by the ids in one column."""
    if table.select(key, name).null_count().sum_horizontal()[0]:
        raise DataError(f"label_names: expected an id and a name in every record of {path.name}, got a blank; fill it or remove the record")
    ids = table[key]
    if not ids.is_unique().all():
        twice = ids.filter(ids.is_duplicated())[0]
        raise DataError(f"label_names: expected each id once in {path.name}, got {twice!r} more than once; remove one")
    first_is_record = not _is_heading(key) and ids.str.contains(r"^\d+$").all() and key.isdigit()
    pairs: dict[object, object] = {key: name} if first_is_record else {}
    return pairs | dict(table.select(key, name).iter_rows())


def _is_key(ids: pl.Series) -> bool:
    return not ids.null_count() and bool(ids.is_unique().all())


def _is_heading(text: str) -> bool:
    return text.strip().lower() in {*NAME_COLUMNS, *ID_COLUMNS}


def _table(path: Path, role: str) -> pl.DataFrame:
    kind = find_format(path)
    with reading(kind.name, path, role):
        table, _ = kind.read(path, ReadOptions())
        check_table(path, table)
    return table


def _json(path: Path, role: str) -> Any:
    text = _text(path, role)
    with reading("JSON", path, role):
        parsed = load_json(text, role)
        json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair is no text
    return parsed


def _text(path: Path, role: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{role}: expected UTF-8 text in {path.name}, got other bytes; save it as UTF-8") from None
