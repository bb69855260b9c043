"""The public contract as text, and what of it differs from another revision: ``python benchmarks/contract.py --against REV``.

Names and signatures of what `labelscope` exports, the public members of its classes and of the results they give, the
columns of the results' frames, and the files that ``labelscope scan`` writes with their columns. Only what the other
revision has and this one has not, or has otherwise, breaks a script; what is new breaks nothing and is only counted.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def contract() -> dict[str, str]:
    """Every line of the contract of the package that Python finds, by what it is about."""
    import labelscope

    out: dict[str, str] = {}
    for name in labelscope.__all__:
        out |= dict(_of(name, getattr(labelscope, name)))
    for name, result in _results(labelscope).items():
        out |= dict(_of_result(name, result))
    return out | _files()


def _of(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not inspect.isclass(value):
        yield from _parameters(name, value)
        return
    yield name, "class"
    if not issubclass(value, Exception):
        yield from _parameters(name, value)
        yield from _members(name, value)


def _members(name: str, kind: type) -> Iterator[tuple[str, str]]:
    for member in sorted(vars(kind)):
        if member.startswith("_"):
            continue
        found = inspect.getattr_static(kind, member)
        if isinstance(found, (staticmethod, classmethod)) or inspect.isfunction(found):
            yield from _parameters(f"{name}.{member}", getattr(kind, member))
        else:
            yield f"{name}.{member}", "value"
    for field in getattr(kind, "__dataclass_fields__", {}):
        if not field.startswith("_"):
            yield f"{name}.{field}", "value"


def _parameters(name: str, value: Any) -> Iterator[tuple[str, str]]:
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        yield name, "no signature"
        return
    yield name, "callable"
    given = [each for each in signature.parameters.values() if each.name not in ("self", "cls") and not each.name.startswith("_")]
    for place, each in enumerate(given):
        by_name = each.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
        where = "by name" if by_name else f"place {place}"
        default = "" if each.default is each.empty else f", default {'set' if callable(each.default) else repr(each.default)}"
        yield f"{name}({each.name})", where + default


def _data(labelscope: Any) -> Any:
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 4)).astype(np.float32)
    labels = (x[:, :3] + rng.normal(size=(120, 3)) > 0.4).astype(np.int8)
    labels[rng.random(labels.shape) < 0.05] = -1
    return labelscope.Dataset.from_arrays(labels, embeddings=x, label_names=["cat", "dog", "tree"])


def _results(labelscope: Any) -> dict[str, Any]:
    dataset = _data(labelscope)
    predictions = labelscope.predict(dataset)
    findings = labelscope.find_issues(dataset, predictions)
    return {
        "predict": predictions,
        "find_issues": findings,
        "suggest": labelscope.suggest(dataset, predictions, findings),
        "pseudo_label": labelscope.pseudo_label(dataset, predictions),
        "explain": labelscope.explain(dataset, predictions, item=0, label="cat"),
        **{name: getattr(labelscope, name)(dataset) for name in ("long_tail", "cooccurrence", "relations", "embedding_map")},
    }


def _of_result(name: str, result: Any) -> Iterator[tuple[str, str]]:
    import polars as pl

    yield from _members(f"result of {name}", type(result))
    for member in sorted({*dir(type(result)), *vars(result)}):
        if member.startswith("_"):
            continue
        found = None if member == "figure" else _value(result, member)
        if isinstance(found, pl.DataFrame):
            for column, dtype in found.schema.items():
                yield f"result of {name}: .{member}[{column}]", str(dtype)
        elif hasattr(found, "dtype") and hasattr(found, "shape"):
            yield f"result of {name}: .{member}", f"{found.dtype}, {len(found.shape)} axes"
    if name == "long_tail":
        for each in result.characteristics:
            yield f"result of {name}: .characteristics[{each}]", "value"


def _value(result: Any, member: str) -> Any:
    """What a member of a result gives, None where it needs more than there is."""
    from labelscope import LabelscopeError

    try:
        return getattr(result, member)
    except LabelscopeError:
        return None


def _files() -> dict[str, str]:
    """What `labelscope scan` writes."""
    import polars as pl

    out: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = [(k, "a red cat runs" if k % 2 else "a big dog sits", "cat|pet" if k % 2 else "dog|pet") for k in range(80)]
        pl.DataFrame(rows, schema=["id", "text", "tags"], orient="row").write_csv(place / "in.csv")
        scan = ["scan", str(place / "in.csv"), "--labels", "tags", "--text", "text", "--id", "id", "--out", str(place / "out")]
        subprocess.run([sys.executable, "-c", "from labelscope.cli.app import main; main()", *scan], check=True, capture_output=True)  # noqa: S603
        for path in sorted((place / "out").iterdir()):
            if path.name.startswith("."):
                continue
            out[f"scan writes {path.name}"] = "file"
            if path.suffix == ".parquet":
                out |= {f"scan writes {path.name}: {column}": str(dtype) for column, dtype in pl.read_parquet_schema(path).items()}
            elif path.suffix == ".json":
                out |= {f"scan writes {path.name}: {key}": "value" for key in json.loads(path.read_text("utf-8"))}
    return out


def elsewhere(folder: Path) -> dict[str, str]:
    """The contract of the sources in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "LABELSCOPE_CACHE": "off"}
    command = [sys.executable, str(Path(__file__).resolve()), "--json"]
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line for everything that a script could miss."""
    gone = [f"- {what} ({before[what]})" for what in before if what not in after]
    return gone + [f"~ {what}: {before[what]} -> {after[what]}" for what in before if what in after and before[what] != after[what]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks/contract.py", description=__doc__)
    parser.add_argument("--against", metavar="REV", help="a commit whose contract this one is compared with")
    parser.add_argument("--json", action="store_true", help="the contract of the package that is imported")
    asked = parser.parse_args()
    if asked.json or not asked.against:
        found = contract()
        print(json.dumps(found) if asked.json else "\n".join(f"{what}: {how}" for what, how in found.items()))
        return
    with tempfile.TemporaryDirectory() as folder:
        packing = ["git", "archive", asked.against, "labelscope"]
        archive = subprocess.run(packing, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603
        with tarfile.open(fileobj=BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        before, after = elsewhere(Path(folder)), elsewhere(ROOT)
    lines = compare(before, after)
    print(*lines, sep="\n")
    print(
        f"{len(before):,} lines in {asked.against}, {len(after):,} now: {len(lines):,} gone or changed, {len(after.keys() - before):,} new"
    )
    raise SystemExit(bool(lines))


if __name__ == "__main__":
    main()
