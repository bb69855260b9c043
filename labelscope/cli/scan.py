"""``labelscope scan``: every stage on one table, written to a folder."""

from __future__ import annotations

import importlib.metadata
import json
import math
import shlex
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from enum import Enum
from functools import partial
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer

import labelscope
from labelscope.cli.conditions import Condition
from labelscope.cli.console import StageBars, say
from labelscope.cli.folder import CARD, REPORT, SUMMARY
from labelscope.cli.table_options import Labels, reads_table
from labelscope.compute.meter import Usage, measure
from labelscope.data.dataset import Dataset
from labelscope.data.files import Writer, write_files
from labelscope.data.folders import new_folder, refuse_inputs
from labelscope.data.inputs import input_files
from labelscope.stages.runner import Runner, StageRun
from labelscope.stages.table import TABLE, StageSpec, blocked

if TYPE_CHECKING:
    from labelscope.export.nutrition_label import NutritionLabel
    from labelscope.issues.find import Noise as NoiseKind
    from labelscope.session import Session

__all__ = ["scan", "scan_dataset"]

TABLES = (
    "labels", "cells", "items", "suggestions", "batches", "pseudo_labels", "abstained", "cooccurrence", "relations", "map", "violations",
    "equal_rows",
)  # fmt: skip
FILES = frozenset({SUMMARY, REPORT, f"{CARD}.json", f"{CARD}.md", *(f"{name}.parquet" for name in TABLES)})
OF_THE_APP = ("first_map", "health")  # stages for somebody who watches, or goes on to decide
COUNTED = ("n_items", "n_labels", "positive_cells", "unknown_cells", "flag_budget")
FOUND = ("flagged_spurious", "flagged_missing", "suggestions", "pseudo_labels", "labels_not_scored")
TOTALS = ("seconds", "peak_memory_mib")
RECORDED = ("numpy", "scipy", "scikit-learn", "polars", "torch", "umap-learn", "pynndescent", "plotly")


class Noise(str, Enum):
    """What is known about the noise."""

    auto = "auto"
    both = "both"
    missing = "missing"
    spurious = "spurious"


@reads_table(labels=(Labels, Parameter.empty))
def scan(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="Parquet, CSV, TSV, JSON, JSONL, Arrow, ARFF or XMC file, packed or not; a folder; a pattern."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    reading: Any,
    noise: Annotated[Noise, typer.Option(help="What is known about the noise.")] = Noise.auto,
    model: Annotated[str | None, typer.Option(help="Embedding model: name or local folder (needs an extra).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 0,
    fail_if: Annotated[
        str | None,
        typer.Option(help="Leave with exit status 1 if this holds of figures in summary.json: 'suggestions > 100 and n_items > 50'."),
    ] = None,
) -> None:
    """Find suspicious labels in a table; write tables, suggestions and a report."""
    condition = None if fail_if is None else Condition.parse(fail_if)
    beside = {name.removeprefix("label_"): reading[name] for name in ("embeddings", "probabilities", "votes", "taxonomy", "label_names")}
    inputs = [("the table", table), *((f"the {role}", Path(path)) for role, path in beside.items() if path is not None)]
    with new_folder(out, name="--out", files=FILES, inputs=inputs, report=REPORT) as folder, StageBars() as bars:
        usage: dict[str, Usage] = {}
        with bars.stage("Read"), measure() as usage["read"]:
            dataset = labelscope.read(table, **reading)
        refuse_inputs(out, input_files(dataset), "--out")
        if condition is not None:
            condition.check(figures_of(dataset))
        say(reading_line(dataset))
        summary = scan_dataset(dataset, folder, bars, usage, seed=seed, noise=noise.value, model=model)
    say(_closing_lines(summary, out))
    if condition is not None:
        _leave_if(condition, summary)


def figures_of(dataset: Dataset) -> dict[str, str | None]:
    """The names that ``--fail-if`` knows, each with the reason why there is no such figure, if there is none."""
    suggest = next(spec for spec in TABLE if spec.verb == "suggest")
    reason = blocked(suggest, dataset)
    found: dict[str, str | None] = dict.fromkeys((*COUNTED, *TOTALS))
    found |= dict.fromkeys(FOUND, reason)
    shape = labelscope.long_tail(dataset).characteristics
    return found | {name: "it is not defined for these labels" if math.isnan(value) else None for name, value in shape.items()}


def _leave_if(condition: Condition, summary: dict[str, Any]) -> None:
    """Exit status 1, with a line, if the condition holds."""
    stages = summary["stages"].values()
    totals = (sum(stage["seconds"] for stage in stages), max(stage["peak_memory_mib"] for stage in stages))
    values = summary["characteristics"] | summary["counts"] | dict(zip(TOTALS, totals, strict=True))
    if condition.holds(values):
        told = ", ".join(f"{name} is {values[name]:g}" for name in condition.names)
        sys.stderr.write(f"labelscope: --fail-if {condition.text}: {told}\n")
        raise typer.Exit(1)


def reading_line(dataset: Dataset) -> str:
    """How the labels were read, in one line."""
    if dataset.source is None or dataset.source.choice is None:
        return f"{dataset.n_labels:,} labels"
    return dataset.source.choice.line()


def scan_dataset(
    dataset: Dataset,
    folder: Path,
    bars: StageBars,
    usage: dict[str, Usage],
    *,
    seed: int,
    noise: NoiseKind = "auto",
    model: str | None = None,
) -> dict[str, Any]:
    """Run every stage on a data set and write the files of the contract to `folder`; returns the summary.

    Parameters
    ----------
    dataset : Dataset
    folder : pathlib.Path
        Exists and is empty.
    bars : StageBars
        Shows the progress.
    usage : dict
        Gets what each stage took.
    seed : int
    noise, model
        As for :func:`labelscope.find_issues` and :func:`labelscope.predict`.
    """
    from labelscope.export.report import write_report
    from labelscope.session import Session
    from labelscope.stages.empty import no_findings, no_pseudo_labels, no_suggestions

    session = Session(dataset, seed=seed, noise=noise, model=model)
    asked = [spec for spec in TABLE if not spec.on_request]
    results: dict[str, Any] = {spec.verb: None for spec in asked}  # None: not of this data set
    skipped = {spec.verb: reason for spec in asked if (reason := blocked(spec, dataset))}

    def measured(spec: StageSpec) -> Any:
        with bars.stage(spec.title), measure() as usage[spec.verb]:
            return spec.compute(session)

    specs = [spec for spec in asked if spec.name not in OF_THE_APP and spec.verb not in skipped]
    Runner([StageRun(spec, partial(measured, spec), partial(results.__setitem__, spec.verb)) for spec in specs]).run(strict=True)
    with bars.stage("Sources"), measure() as usage["sources"]:
        results["sources"] = None if "find_issues" in skipped else session.sources(basis="suspicion")
        results["personal_data"] = session.personal_data
    with bars.stage("Health"), measure() as usage["health"]:
        results["nutrition_label"] = _card(session, results)
    for verb, nothing in (("find_issues", no_findings), ("suggest", no_suggestions), ("pseudo_label", no_pseudo_labels)):
        if verb in skipped:
            results[verb] = nothing(dataset)
    card: NutritionLabel = results["nutrition_label"]
    texts = {f"{CARD}.json": card.to_json(), f"{CARD}.md": card.to_markdown()}
    _write(folder, {f"{name}.parquet": frame.write_parquet for name, frame in _tables(results).items()})
    _write_texts(folder, texts)
    summary = _summary(dataset, results, usage, skipped, seed=seed, noise=noise, model=model)
    with bars.stage("Report"), measure() as usage["report"]:
        write_report(
            folder / REPORT, dataset=dataset, long_tail=results["long_tail"], cooccurrence=results["cooccurrence"],
            relations=results["relations"], map=results["map"], findings=results["find_issues"], suggestions=results["suggest"],
            pseudo_labels=results["pseudo_label"], summary=summary, nutrition_label=results["nutrition_label"],
            sources=results["sources"], personal=results["personal_data"],
        )  # fmt: skip
    summary["stages"] = _stages(usage)
    _write_texts(folder, {SUMMARY: json.dumps(summary, indent=2, ensure_ascii=False) + "\n"})
    return summary


def _write(folder: Path, writers: Mapping[str, Writer]) -> None:
    write_files({folder / name: write for name, write in writers.items()}, name="scan", inputs=())


def _write_texts(folder: Path, texts: Mapping[str, str]) -> None:
    def writer(text: str) -> Writer:
        return lambda file: file.write(text.encode())

    _write(folder, {name: writer(text) for name, text in texts.items()})


def _card(session: Session, results: dict[str, Any]) -> NutritionLabel:
    """The card of the labels as given."""
    return labelscope.nutrition_label(
        session.dataset, tail=results["long_tail"], findings=results["find_issues"], relations=results["relations"],
        splits=session.splits, quality=results["embedding_quality"], equal=results["equal_rows"], agreement=session.agreement,
        sources=results["sources"], personal=results["personal_data"], calibration=session.calibration if session.scored else None,
    )  # fmt: skip


def _tables(results: dict[str, Any]) -> dict[str, pl.DataFrame]:
    from labelscope.stages.empty import PREDICTED

    predictions, findings = results["predict"], results["find_issues"]
    predicted = PREDICTED if predictions is None else predictions.frame.select(PREDICTED.columns)
    labels = (
        results["long_tail"]
        .frame.join(predicted, on="label", how="left", maintain_order="left")
        .join(findings.miss_rates, on="label", how="left", maintain_order="left")
    )
    tables = {
        "labels": labels,
        "cells": findings.cells,
        "items": findings.items,
        "suggestions": results["suggest"].frame,
        "batches": results["suggest"].batches,
        "pseudo_labels": results["pseudo_label"].frame,
        "abstained": results["pseudo_label"].abstained,
        "cooccurrence": results["cooccurrence"].frame,
        "relations": results["relations"].frame,
    }
    if results["map"] is not None:
        tables["map"] = results["map"].frame
    if results["equal_rows"].frame.height:
        tables["equal_rows"] = results["equal_rows"].frame
    if results["violations"] is not None:
        tables["violations"] = results["violations"].frame
    return tables


def _summary(
    dataset: Dataset, results: dict[str, Any], usage: dict[str, Usage], skipped: dict[str, str], **settings: Any
) -> dict[str, Any]:
    from labelscope.issues.find import FindConfig

    flagged = results["find_issues"].cells.filter("flagged")
    sizes = (
        flagged.filter(pl.col("kind") == "spurious").height,
        flagged.filter(pl.col("kind") == "missing").height,
        results["suggest"].frame.height,
        results["pseudo_label"].frame.height,
        len(results["find_issues"].not_scored),
    )
    found = dict(zip(FOUND, sizes, strict=True))
    known = (
        dataset.n_items, dataset.n_labels, int(dataset.labels.n_positive.sum()), int(dataset.labels.n_unknown.sum()), FindConfig().budget,
    )  # fmt: skip
    source = dataset.source
    return {
        "labelscope": labelscope.__version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "input": None if source is None else {"path": None if source.path is None else str(source.path.resolve()), **source.options},
        "fingerprint": dataset.fingerprint,
        "reading": None if source is None or source.choice is None else source.choice.record(),
        **settings,
        "counts": {
            **dict(zip(COUNTED, known, strict=True)),
            **(dict.fromkeys(found) if "suggest" in skipped else found),  # null: nobody looked, which is not none
        },
        "method": "" if results["predict"] is None else results["predict"].method,
        "characteristics": {k: None if math.isnan(v) else v for k, v in results["long_tail"].characteristics.items()},
        "versions": {name: importlib.metadata.version(name) for name in RECORDED},
        "stages": _stages(usage),
        "skipped": skipped,
    }


def _stages(usage: dict[str, Usage]) -> dict[str, dict[str, float]]:
    return {name: {"seconds": round(u.seconds, 3), "peak_memory_mib": round(u.peak_bytes / 2**20, 1)} for name, u in usage.items()}


def _closing_lines(summary: dict[str, Any], out: Path) -> str:
    counts = summary["counts"]
    seconds = sum(stage["seconds"] for stage in summary["stages"].values())
    peak = max(stage["peak_memory_mib"] for stage in summary["stages"].values())
    found = summary["skipped"].get("suggest") or (
        f"the {counts['flagged_spurious']:,} most suspicious positives and {counts['flagged_missing']:,} negatives flagged to look at; "
        f"{counts['suggestions']:,} suggestions, {counts['pseudo_labels']:,} pseudo-labels"
    )
    return (
        f"{counts['n_items']:,} items x {counts['n_labels']:,} labels in {seconds:.0f} s, peak {peak / 1024:.1f} GiB\n"
        f"{found}\n"
        f"Read {out / REPORT}; review in JupyterLab with labelscope.explore; "
        f"then: labelscope export {shlex.quote(str(out))} --to FILE"
    )
