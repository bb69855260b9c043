"""What the JupyterLab extension asks of the kernel: look into a table, open it in the Explorer.

The extension (``extensions/lab``) runs ``labextension.answer(request)`` in a kernel of its own and shows what comes
back. Requests and answers are plain JSON; an answer has either what was asked for or one line under "error". What was
chosen for a file is kept in ``<file>.labelscope/columns.json`` beside its ledger, so that it is asked once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import polars as pl

from labelscope.data.companions import open_file
from labelscope.data.formats.format import ReadOptions
from labelscope.data.formats.packed import PACKINGS
from labelscope.data.formats.registry import find_format
from labelscope.errors import DataError, LabelscopeError, OtherDataSet

if TYPE_CHECKING:
    from labelscope.session import Session
    from labelscope.stages.prefetch import Prefetch
    from labelscope.widgets.explorer import Explorer

__all__ = ["PROTOCOL", "answer", "app", "guess_columns", "look", "open_table", "prepare"]

PROTOCOL = 1  # the extension asks for the protocol it was written for
N_ROWS = 500  # looked at for a guess
SUFFIX = ".labelscope"
ROLES = ("text", "image", "id")
NAMES = {
    "labels": ("labels", "label", "tags", "categories", "classes", "targets", "topics", "genres", "emotions", "y"),
    "text": ("text", "comment", "comment_text", "sentence", "content", "body", "document", "message", "abstract", "title", "description"),
    "image": ("image", "image_path", "img", "picture", "photo", "image_file", "filename", "file_name"),
    "id": ("item_id", "id", "uid", "uuid", "key"),
}
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff")
KINDS = {"parquet": "a Parquet file", "csv": "a table in CSV", "tsv": "a table in TSV", "jsonl": "JSON Lines", "arrow": "an Arrow file"}
PACKED = {suffix for packing in PACKINGS for suffix in packing.suffixes}
WORDS = {"String": "text", "Categorical": "text", "Enum": "text", "Boolean": "yes or no", "Binary": "bytes", "Null": "nothing"}
BINARY = {"0", "1", "-1", "true", "false", "True", "False", "0.0", "1.0", "-1.0"}

LARGEST_AHEAD = 500 << 20  # bytes of a file that is read before its columns are confirmed

_apps: dict[Path, Explorer] = {}
_prefetched: dict[Path, tuple[dict[str, Any], Prefetch]] = {}  # what is prepared, and with which columns


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one request; bad input comes back as words, never as a traceback.

    Parameters
    ----------
    request : mapping
        ``{"ask": "look", "path"}``; ``{"ask": "open", "path", "labels", "text", "image", "id"}``; "prepare" with the
        same, while the person still looks at the form; or "carry" with the same, where an opening was refused because the decisions are
        about an earlier version of the table.

    Returns
    -------
    dict
        Of a look: see :func:`look`. Of an opening: "title", "n_items", "n_labels". Of a preparation: nothing more. Of a
        carrying: "counts" (what became of how many), "line", "lines" (all of it in words). With "error": one line; and where that is
        because the table changed, "carry": {"ledger", "counts", "command", "to"}, what carrying the decisions over would do.
    """
    from labelscope.version import __version__

    head = {"protocol": PROTOCOL, "version": __version__}
    asked = {"look": _answer_look, "prepare": _answer_prepare, "open": _answer_open, "carry": _answer_carry}.get(str(request.get("ask")))
    if asked is None:
        return head | {
            "error": f"request: expected look, prepare, open or carry, got {request.get('ask')!r}; update labelscope in this kernel"
        }
    try:
        return head | asked(request)
    except OtherDataSet as refused:
        told = {"ledger": refused.ledger, "counts": refused.counts, "command": refused.command, "to": refused.to}
        return head | {"error": str(refused), "carry": told if refused.command else None}
    except (LabelscopeError, OSError, MemoryError, pl.exceptions.PolarsError) as error:
        return head | {"error": " ".join(str(error).split()) or type(error).__name__}


def look(path: str | Path) -> dict[str, Any]:
    """The columns of a table, a guess of what they hold, and what was chosen the last time.

    Parameters
    ----------
    path : path
        A table, or the ``.labelscope`` folder beside one.

    Returns
    -------
    dict
        "name", "columns" (a list of {"name", "type" in words, "sample"}), "guess" and "chosen" (mappings of "labels", "text",
        "image" and "id" to a column, a list of columns or None; "chosen" is None for a file that is new here), and
        "open", whether this kernel already has it open.

    Raises
    ------
    DataError
        If there is no such file, or if it is not a table.
    """
    place = _table_of(path)
    head = _head(place)
    chosen = _chosen(place)
    if chosen is not None and not set(_named(chosen)) <= set(head.columns):
        chosen = None  # the file has changed since
    columns = [{"name": name, "type": _kind(dtype), "sample": _sample(head[name])} for name, dtype in head.schema.items()]
    return {"name": place.name, "columns": columns, "guess": guess_columns(head), "chosen": chosen, "open": place in _apps}


def guess_columns(table: pl.DataFrame) -> dict[str, Any]:
    """Which columns probably hold labels, text, image and id: a proposal for a person to confirm.

    Names count most, then types: lists are labels, long strings are text. Nothing is proposed where nothing speaks
    for it.

    Parameters
    ----------
    table : polars.DataFrame
        Some rows.

    Returns
    -------
    dict
        "labels" (a column, a list of columns of 0 and 1, or None), "text", "image" and "id" (a column or None).

    Examples
    --------
    >>> guess_columns(pl.DataFrame({"id": [1, 2], "comment": ["a b c", "d e"], "labels": [["x"], []]}))
    {'labels': 'labels', 'text': 'comment', 'image': None, 'id': 'id'}
    >>> guess_columns(pl.DataFrame({"text": ["a", "b"], "dog": [0, 1], "cat": [1, 0]}))["labels"]
    ['dog', 'cat']
    """
    image = _best(table, "image", [name for name in table.columns if _is_picture(table[name])])
    item = _best(table, "id", [name for name in table.columns if name.lower().endswith("id") and _is_key(table[name])])
    taken = {image, item}
    lists = [name for name in table.columns if isinstance(table.schema[name], (pl.List, pl.Array)) or _is_json_list(table[name])]
    indicators = [name for name in table.columns if name not in taken and _is_binary(table[name])]
    labels: Any = next((name for name in lists if name.lower() in NAMES["labels"]), None)
    labels = labels or _best(table, "labels", [name for name in lists if name not in taken])
    if labels is None:
        labels = indicators if len(indicators) > 1 else None
    texts = [name for name in table.columns if name not in taken and name != labels and table.schema[name] == pl.String]
    texts = [name for name in texts if not (isinstance(labels, list) and name in labels)]
    longest = sorted(texts, key=lambda name: -float(table[name].str.len_chars().mean() or 0))  # type: ignore[arg-type]
    wordy = [name for name in longest if table[name].str.contains(r"\s").any()]
    return {"labels": labels, "text": _best(table, "text", wordy), "image": image, "id": item}


def open_table(
    path: str | Path, *, labels: str | list[str], text: str | None = None, image: str | None = None, id: str | None = None,  # noqa: A002 - the word of the public contract
) -> Explorer:  # fmt: skip
    """The Explorer of a table, made once in a kernel; :func:`app` shows it again.

    Parameters
    ----------
    path : path
        A table, or the ``.labelscope`` folder beside one.
    labels, text, image, id : str
        As in :func:`labelscope.read`.

    Returns
    -------
    Explorer

    Raises
    ------
    DataError
        On anything that :func:`labelscope.read` refuses.
    """
    from labelscope.widgets.explorer import explore

    place = _table_of(path)
    columns = {"labels": labels, "text": text, "image": image, "id": id}
    known, prefetch = _prefetched.pop(place, (None, None))
    if prefetch is not None and known != columns:
        prefetch.drop()
    session = prefetch.take() if prefetch is not None and known == columns else _session(place, columns)
    made = explore(session)
    if place in _apps:
        _apps.pop(place).close()
    _apps[place] = made
    _keep(place, columns)
    return made


def prepare(
    path: str | Path, *, labels: str | list[str], text: str | None = None, image: str | None = None, id: str | None = None,  # noqa: A002 - the word of the public contract
) -> None:  # fmt: skip
    """Begin to work on a table whose columns somebody is about to confirm; :func:`open_table` goes on from there.

    Returns at once. Nothing is written. What was prepared for other columns is dropped; a very large file is left alone.
    What is wrong with the columns is said by :func:`open_table`.

    Parameters
    ----------
    path : path
    labels, text, image, id : str
        As for :func:`open_table`.

    Raises
    ------
    DataError
        If there is no such file.
    """
    from labelscope.stages.prefetch import Prefetch

    place = _table_of(path)
    columns = {"labels": labels, "text": text, "image": image, "id": id}
    known, prefetch = _prefetched.pop(place, (None, None))
    if prefetch is not None and known == columns:
        _prefetched[place] = (columns, prefetch)
        return
    if prefetch is not None:
        prefetch.drop()
    if place.stat().st_size <= LARGEST_AHEAD:
        _prefetched[place] = (columns, Prefetch(lambda: _session(place, columns)))


def app(path: str | Path) -> Explorer:
    """The Explorer that this kernel has open for a table.

    Raises
    ------
    DataError
        If it has none.
    """
    place = _table_of(path)
    if place not in _apps:
        raise DataError(f"Explorer: expected {place.name} to be open in this kernel, got none; open it first")
    return _apps[place]


def _answer_look(request: Mapping[str, Any]) -> dict[str, Any]:
    return look(str(request.get("path", "")))


def _answer_prepare(request: Mapping[str, Any]) -> dict[str, Any]:
    prepare(str(request.get("path", "")), **_columns(request))
    return {}


def _answer_open(request: Mapping[str, Any]) -> dict[str, Any]:
    made = open_table(str(request.get("path", "")), **_columns(request))
    return {"title": _table_of(str(request["path"])).name, "n_items": made.dataset.n_items, "n_labels": made.dataset.n_labels}


def _answer_carry(request: Mapping[str, Any]) -> dict[str, Any]:
    from labelscope.data.read import read
    from labelscope.review.carry import carry
    from labelscope.review.defaults import usual_place
    from labelscope.views.carried import lines

    dataset = read(_table_of(str(request.get("path", ""))), **_columns(request))
    done = carry(usual_place(dataset), dataset, dry_run=bool(request.get("dry_run")))
    return {"counts": done.counts, "line": done.summary(), "lines": lines(done)}


def _columns(request: Mapping[str, Any]) -> dict[str, Any]:
    labels = request.get("labels")
    if not labels:
        raise DataError("labels: expected a column, got none; choose one")
    return {"labels": labels, **{role: request.get(role) or None for role in ROLES}}


def _session(place: Path, columns: Mapping[str, Any]) -> Session:
    from labelscope.data.read import read
    from labelscope.session import Session

    return Session(read(place, **columns))


def _table_of(path: str | Path) -> Path:
    """The table itself, also where the folder beside it was meant."""
    place = Path(path)
    place = (place.expanduser() if place.parts[:1] == ("~",) else place).resolve()  # "~table.csv" is a name, not the home of a user
    return open_file(place.with_name(place.name.removesuffix(SUFFIX)) if place.name.endswith(SUFFIX) else place, "table")


def _head(path: Path) -> pl.DataFrame:
    found = find_format(path)
    kind = found.name
    try:
        if kind not in KINDS or path.suffix.lower() in PACKED:
            return found.read(path, ReadOptions())[0].head(N_ROWS)
        if kind == "parquet":
            return pl.scan_parquet(path, glob=False).head(N_ROWS).collect()  # a name with "[1]" or "*" is no pattern
        if kind == "jsonl":
            with path.open("rb") as file:
                return pl.read_ndjson(BytesIO(b"".join(islice(file, N_ROWS))))
        if kind == "arrow":
            with path.open("rb") as file:
                return pl.read_ipc(file, n_rows=N_ROWS)
        separator = "\t" if kind == "tsv" else ","
        return pl.read_csv(path, n_rows=N_ROWS, infer_schema=False, separator=separator, truncate_ragged_lines=True, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"table: expected {path.name} to be {KINDS.get(kind, kind)}, got {_trouble(path, kind, error)}") from None


def _trouble(path: Path, kind: str, error: Exception) -> str:
    """What is wrong with a file that cannot be read, and what to do about it."""
    if not path.stat().st_size:
        return "an empty file; write it again"
    if kind == "jsonl" and (line := _odd_line(path)):
        return f"something else in line {line}; mend that line, or write the file again"
    return f"{' '.join(str(error).split())[:200]}; it may be cut off: copy or write it again"


def _odd_line(path: Path) -> int | None:
    """The first line, counted from 1, that is no JSON object."""
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, N_ROWS), 1):
            try:
                good = not line.strip() or isinstance(json.loads(line), dict)
            except ValueError:
                good = False
            if not good:
                return number
    return None


def _kind(dtype: pl.DataType) -> str:
    """A type in a word for people."""
    if isinstance(dtype, (pl.List, pl.Array)):
        return f"lists of {_kind(dtype.inner)}"  # type: ignore[arg-type]
    if dtype.is_numeric():
        return "numbers"
    if dtype.is_temporal():
        return "times"
    return WORDS.get(str(dtype.base_type()), str(dtype).lower())


def _sample(column: pl.Series) -> str:
    """The first value that is there, in one line; of lists, the first that is not empty."""
    values = column.drop_nulls().to_list()
    value = next((value for value in values if value not in ("", [])), values[0] if values else "")
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = " ".join((", ".join(map(str, value)) if isinstance(value, list) else str(value)).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _best(table: pl.DataFrame, role: str, candidates: list[str]) -> str | None:
    """The candidate with the best name, else the first; any column that bears the very name of the role goes first."""
    by_name = {name.lower(): name for name in reversed(candidates)}
    named = next((by_name[word] for word in NAMES[role] if word in by_name), None)
    if named is None and role in {"text", "labels"}:
        strings = {name.lower(): name for name in table.columns if table.schema[name] == pl.String}
        named = next((strings[word] for word in NAMES[role] if word in strings), None)
    return named or (candidates[0] if candidates else None)


def _is_binary(column: pl.Series) -> bool:
    if column.dtype == pl.Boolean:
        return True
    if not (column.dtype.is_integer() or column.dtype.is_float() or column.dtype == pl.String):
        return False
    found = set(column.drop_nulls().cast(pl.String).unique().to_list()) - {""}
    return bool(found) and found <= BINARY


def _is_json_list(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    values = column.drop_nulls()
    return bool(values.len()) and bool(values.str.contains(r"^\s*\[.*\]\s*$").all())


def _is_key(column: pl.Series) -> bool:
    return not column.dtype.is_nested() and not column.dtype.is_float() and column.null_count() == 0 and column.is_unique().all()


def _is_picture(column: pl.Series) -> bool:
    if column.dtype == pl.Binary:
        return True
    values = column.drop_nulls() if column.dtype == pl.String else column.head(0)
    return bool(values.len()) and all(str(value).lower().endswith(PICTURES) for value in values)


def _named(chosen: Mapping[str, Any]) -> list[str]:
    names: list[str] = []
    for value in chosen.values():
        names.extend([value] if isinstance(value, str) else value or [])
    return names


def _chosen(path: Path) -> dict[str, Any] | None:
    try:
        kept = json.loads(_note(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict):
        return None
    labels, roles = kept.get("labels"), {role: kept.get(role) for role in ROLES}
    plain = isinstance(labels, str) or (isinstance(labels, list) and labels and all(isinstance(name, str) for name in labels))
    if not plain or not all(value is None or isinstance(value, str) for value in roles.values()):
        return None
    return {"labels": labels, **roles}


def _keep(path: Path, chosen: Mapping[str, Any]) -> None:
    """Beside the ledger; a folder that cannot be written is no reason not to open the table."""
    note = _note(path)
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=note.parent, delete=False, encoding="utf-8", suffix=".part") as part:
            json.dump(chosen, part, ensure_ascii=False, indent=1)
        Path(part.name).replace(note)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}{SUFFIX}") / "columns.json"
