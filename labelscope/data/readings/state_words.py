"""The texts with which columns of one label each say that it is there, is not, or that nobody knows."""

from __future__ import annotations

from labelscope.data.labels import NEGATIVE, POSITIVE, UNKNOWN

__all__ = ["DASHES", "MARKS", "NAMED", "PAIRS", "STATES", "TICKS"]

STATES = {
    "1": POSITIVE, "1.0": POSITIVE, "true": POSITIVE, "yes": POSITIVE, "y": POSITIVE, "t": POSITIVE,
    "0": NEGATIVE, "0.0": NEGATIVE, "false": NEGATIVE, "no": NEGATIVE, "n": NEGATIVE, "f": NEGATIVE,
    "-1": UNKNOWN, "-1.0": UNKNOWN, "": UNKNOWN,
    "1,0": POSITIVE, "0,0": NEGATIVE, "-1,0": UNKNOWN,
    "checked": POSITIVE, "unchecked": NEGATIVE, "selected": POSITIVE, "not selected": NEGATIVE, "on": POSITIVE, "off": NEGATIVE,
    "✓": POSITIVE, "✔": POSITIVE, "☑": POSITIVE, "✅": POSITIVE, "✗": NEGATIVE, "✘": NEGATIVE, "☐": NEGATIVE, "❌": NEGATIVE,
    "ja": POSITIVE, "nein": NEGATIVE, "nee": NEGATIVE, "nej": NEGATIVE, "oui": POSITIVE, "non": NEGATIVE,
    "wahr": POSITIVE, "falsch": NEGATIVE, "vrai": POSITIVE, "faux": NEGATIVE, "waar": POSITIVE, "onwaar": NEGATIVE,
    "verdadero": POSITIVE, "vero": POSITIVE, "verdadeiro": POSITIVE, "falso": NEGATIVE, "sí": POSITIVE, "si": POSITIVE, "sì": POSITIVE,
    "sim": POSITIVE, "não": NEGATIVE, "nao": NEGATIVE, "tak": POSITIVE, "nie": NEGATIVE, "evet": POSITIVE, "hayır": NEGATIVE,
    "да": POSITIVE, "нет": NEGATIVE, "истина": POSITIVE, "ложь": NEGATIVE,
    "是": POSITIVE, "否": NEGATIVE, "はい": POSITIVE, "いいえ": NEGATIVE,
    "예": POSITIVE, "아니오": NEGATIVE, "아니요": NEGATIVE,
    "positive": POSITIVE, "negative": NEGATIVE, "present": POSITIVE, "absent": NEGATIVE, "pos": POSITIVE, "neg": NEGATIVE,
} | dict.fromkeys(
    ["nan", "na", "n/a", "<na>", "#n/a", "null", "(null)", "<null>", "#null!", "\\n", "none", "?"], UNKNOWN
)  # fmt: skip
NAMED = frozenset(["positive", "negative", "pos", "neg", "present", "absent"])  # classes too, where there are others beside them
MARKS = dict.fromkeys(["x", "✓", "✔", "☑", "✅", "1", "1.0", "yes", "y", "true", "t", "+", "*"], POSITIVE) | dict.fromkeys(
    ["", "-", "–", "—"], NEGATIVE
)
TICKS = frozenset(["x", "✓", "✔", "☑", "✅", "+", "*"])
DASHES = frozenset(["-", "–", "—"])
PAIRS = (
    ("1", "0"),
    ("1.0", "0.0"),
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("yes", "no"),
    ("Yes", "No"),
    ("YES", "NO"),
    ("Y", "N"),
    ("y", "n"),
    ("Checked", "Unchecked"),
    ("Selected", "Not Selected"),
    ("1,0", "0,0"),
)
