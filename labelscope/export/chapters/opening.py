"""How a report begins: what the set is, the key numbers and what stands out."""

from __future__ import annotations

import polars as pl

from labelscope.export.markup import Html, bullets, cards, columns, facts, figure_of, heading, link, paragraph, section, steps
from labelscope.export.report_input import SUSPICION, ReportInput
from labelscope.stats.cooccurrence import SIGNIFICANT
from labelscope.stats.long_tail import TAIL_BELOW
from labelscope.views.theme import clip, plural

__all__ = ["data_card", "lead", "overview"]

N_NAMED = 4
RULES = {"implies": "implies", "exclusive": "excludes", "identical": "is the same as"}


def lead(m: ReportInput) -> str:
    """The first sentence."""
    items = {(True, True): "texts with images", (True, False): "texts", (False, True): "images"}.get(
        (m.dataset.text is not None, m.dataset.image is not None), "items"
    )
    of = m.long_tail.characteristics
    known = f", {of['unknown_share']:.1%} of the cells unknown" if of["unknown_share"] else ""
    size = f"{m.dataset.n_items:,} {items} with {plural(m.dataset.n_labels, 'label')}"
    source = m.dataset.source
    read = "" if source is None or source.choice is None else f"Read from {source.choice.line().removeprefix('labels in ')}. "
    return (
        f"{size}: {of['cardinality']:.2f} positives an item on average{known}. {read}"
        "What is wrong with the labels, how sure that is, and what to do next comes first; the evidence follows."
    )


def overview(m: ReportInput) -> Html:
    """Key numbers and what stands out."""
    n_unknown = int(m.dataset.labels.n_unknown.sum())
    numbers = [
        (f"{m.dataset.n_items:,}", "items", ""),
        (f"{m.dataset.n_labels:,}", "labels", ""),
        (f"{int(m.dataset.labels.n_positive.sum()):,}", "positive cells (item, label)", ""),
        (f"{n_unknown:,}", "unknown cells, which nobody checked", "unknown") if n_unknown else None,
    ]
    if "suggest" not in m.skipped:
        numbers += [
            (f"{m.flagged('missing').height:,}", "flagged missing: absent, possibly present", "missing"),
            (f"{m.flagged('spurious').height:,}", "flagged spurious: present, looks wrong", "spurious"),
            (f"{m.suggestions.frame.height:,}", "suggested changes to accept or reject", ""),
            (f"{m.pseudo_labels.frame.height:,}", "unknown cells given a pseudo-label", "") if n_unknown else None,
        ]
    return section(
        "overview",
        "In short",
        cards(n for n in numbers if n),
        *_left_out(m),
        heading("What looks wrong"),
        bullets(_wrong(m)),
        heading("How sure that is"),
        bullets(_sure(m)),
        "" if m.estimate is None else figure_of(m.estimate),
        heading("What to do next"),
        steps(_next(m)),
        heading("What else stands out"),
        bullets(_stands_out(m)),
    )


def _left_out(m: ReportInput) -> list[Html]:
    """The chapters that there are not, a line each: why, and what would bring them."""
    n_unknown = int(m.dataset.labels.n_unknown.sum())
    chapters = {"suggest": "Suggestions", "find_issues": "Suspicious cells", "map": "Map"} | (
        {"pseudo_label": "Pseudo-labels"} if n_unknown else {}
    )
    lines = [f"{words}: {_unprefixed(m.skipped[stage])}" for stage, words in chapters.items() if stage in m.skipped]
    return [heading("What is not in this report"), bullets(lines)] if lines else []


def _unprefixed(reason: str) -> str:
    """The reason without the name of what is missing, which is said already."""
    return reason.partition(": ")[2] or reason


def _wrong(m: ReportInput) -> list[str]:
    """Each problem in a sentence, the labels it is most about by name."""
    out = []
    kinds = (("missing", "labels that are absent look present"), ("spurious", "labels that were given look wrong"))
    for kind, words in kinds:
        by_label = m.flagged(kind).group_by("label").len("n").sort(["n", "label"], descending=[True, False])
        if by_label.height:
            most = ", ".join(f"“{clip(label)}” ({n:,})" for label, n in by_label.head(N_NAMED).iter_rows())
            out.append(f"{int(by_label['n'].sum()):,} {words}: most of all {most}.")
    broken = m.relations.frame.filter((pl.col("relation") != "overlaps") & (pl.col("counter_examples") > 0))
    if broken.height:
        worst = broken.sort("counter_examples", descending=True).row(0, named=True)
        rule = f"“{clip(worst['label_a'])}” {RULES.get(worst['relation'], worst['relation'])} “{clip(worst['label_b'])}”"
        has, most = "has" if broken.height == 1 else "have", plural(worst["counter_examples"], "item")
        out.append(f"{plural(broken.height, 'rule')} between labels {has} exceptions; most of all {rule}: {most}.")
    if "suggest" in m.skipped:
        return out or ["No rule between labels is broken; which labels look wrong needs a model, and so what is named above."]
    return out or ["No label looks wrong."]


def _sure(m: ReportInput) -> list[str]:
    """What is known about these numbers, and what is not."""
    if m.estimate is not None:
        said = m.estimate.summary().removeprefix("AuditEstimate: ")
        out = [f"An audit has measured it: {said}.", *m.estimate.notes]
    else:
        out = [SUSPICION, "Nobody has audited these labels yet, so this report gives no number of errors."]
    frame = m.suggestions.frame
    if frame.height:
        bins = [(0.9, 1.01, "at least 0.9"), (0.7, 0.9, "0.7 to 0.9"), (0.0, 0.7, "less")]
        parts = [(words, frame.filter((pl.col("confidence") >= low) & (pl.col("confidence") < high)).height) for low, high, words in bins]
        said = ", ".join(f"{n:,} with {words}" for words, n in parts if n)
        out.append(f"Of {plural(frame.height, 'suggestion')} by confidence, which is meant to be cautious: {said}.")
    if m.findings.not_scored:
        n = len(m.findings.not_scored)
        out.append(f"{plural(n, 'label')} could not be scored for want of positives or negatives: nothing is flagged there.")
    return out


def _next(m: ReportInput) -> list[str]:
    """What a person does now, in an order."""
    progress = m.progress or {}
    decided = progress.get("accepted", 0) + progress.get("rejected", 0)
    done = f" {decided:,} of {progress['n_suggestions']:,} are decided." if decided else ""
    if "suggest" in m.skipped:
        return ["Scan again with what is named above: it says which labels look wrong.", link("next", "The commands.")]
    first = f"Review the {m.suggestions.frame.height:,} suggestions, the surest first: seconds each, with the keyboard.{done}"
    audit = (
        "Audit about 200 cells in the panel “Progress” of the Explorer: only that says how many labels are wrong, and when to stop."
        if m.estimate is None
        else "Enlarge the audit if the interval above is too wide for what you decide with it."
    )
    export = Html("Export the corrected table: the same file with only the accepted cells changed, and a list of who changed what. ")
    return [*([first] if m.suggestions.frame.height else []), audit, export + link("next", "The commands.")]


def data_card(m: ReportInput) -> Html:
    """The nutrition label: the same facts for every data set."""
    lists = [
        facts(str(name[0]), rows.select("fact", "value").iter_rows())
        for name, rows in m.nutrition_label.frame.group_by("section", maintain_order=True)
    ]
    return section(
        "data-card",
        "Data card",
        paragraph("The same facts for every data set, and what nobody measured. Beside this report as JSON and Markdown too.", "note"),
        columns(lists),
    )


def _stands_out(m: ReportInput) -> list[str]:
    frame = m.long_tail.frame
    common, rare = frame.row(0, named=True), frame.filter(pl.col("n_positive") < TAIL_BELOW)
    if not common["n_positive"]:
        return ["No item has a label yet."]
    out = [f"“{clip(common['label'])}” is the most common label with {plural(common['n_positive'], 'positive')}."]
    if rare.height:
        out[0] += f" {plural(rare.height, 'label')} of {frame.height:,} {'has' if rare.height == 1 else 'have'} fewer than {TAIL_BELOW}."
    sure = m.cooccurrence.frame.filter((pl.col("q_value") <= SIGNIFICANT) & (pl.col("lift") > 1)).sort("phi", descending=True)
    if sure.height:
        a, b, n_ab, lift = sure.select("label_a", "label_b", "n_ab", "lift").row(0)
        out.append(
            f"“{clip(a)}” and “{clip(b)}” go together most: {plural(n_ab, 'item')} with both, {lift:,.1f} times what chance would give."
        )
    return out
