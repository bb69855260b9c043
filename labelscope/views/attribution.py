"""An attribution as a figure: the text with coloured words, or the image with coloured patches, beside its deletion curves.

Blue speaks for the label, vermillion against it; a word or patch without colour says nothing. The same text as HTML, with
words that can be selected, goes into notebooks that run no script. Text that came from data is escaped in both.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from labelscope.explain.attribution import as_png, where
from labelscope.views import display, theme
from labelscope.views.canvas import text_width
from labelscope.views.faithfulness import draw_curves
from labelscope.views.html import Html, pieces
from labelscope.views.panels import Box, Panels
from labelscope.views.thumbnails import as_png_uri

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from labelscope.explain.attribution import Attribution

__all__ = ["bundle", "draw", "figure", "markup", "needed_height"]

FACE = "Arial, 'Liberation Sans', Helvetica, sans-serif"  # of the words: faces with the same widths
SIZE, LINE, SPACE = 14, 27, 7
TEXT_WIDTH, MOST_LINES = 430, 11
SIDE, BETWEEN = 206, 12  # of an image, and between two of them
CURVES = 190  # height of the curves
STRONGEST = 0.62  # of the colour in the strongest part: the text on it stays readable
NO_COLOUR = 0.04
FIFTH, WORTH_SAYING = 0.2, 0.02
REMARK, BAR, LEAST_ROOM = 20, 19, 80  # pixels


def figure(result: Attribution, *, dark: bool = False) -> go.Figure:
    """The attributed item beside the curves that say whether to believe it."""
    panels = Panels(needed_height(result), dark)
    draw(panels, result, 0)
    return panels.figure(title(result), subtitle(result))


def title(result: Attribution) -> str:
    """What was found, and how far to trust it."""
    label = theme.safe(result.label, 26) + ("" if result.against is None else f" rather than {theme.safe(result.against, 22)}")
    side, certain = "for" if result.side > 0 else "against", f"({result.probability:.0%})"
    if result.faithfulness.verdict == "unfaithful":
        return f"Do not trust this picture: random {_noun(result)} tell as much about {label} {certain}"
    if result.faithfulness.verdict == "flat":
        return f"Nothing in this {result.of} moves {label} {certain}"
    if result.top.is_empty():
        return f"No part speaks {side} {label} {certain}"
    if result.of == "image":
        return f"What speaks {side} {label} is {where(result.top, result.frame)} {certain}"
    words = ", ".join(f"'{theme.safe(word, 20)}'" for word in result.words)
    return f"{words} {'speak' if len(result.words) > 1 else 'speaks'} {side} {label} {certain}"


def subtitle(result: Attribution) -> str:
    """The faithfulness in words, and what the picture leaves out."""
    method = result.method.replace("_", " ").replace("grad cam", "Grad-CAM")
    return f"{_capital(method)}. {result.faithfulness.summary()}"


def needed_height(result: Attribution) -> float:
    """Pixels that :func:`draw` takes."""
    return max(_body(result) + REMARK * len(_remarks(result)), CURVES + 60)


def _body(result: Attribution) -> float:
    """Pixels that the item itself takes."""
    return SIDE + 36 if result.of == "image" else 18 + LINE * len(_lines(result))


def draw(panels: Panels, result: Attribution, top: float) -> None:
    """The item on the left and its curves on the right, from this many pixels down."""
    if result.of == "image":
        _draw_image(panels, result, top)
        left = 2 * SIDE + BETWEEN + 62
    else:
        _draw_text(panels, result, top)
        left = TEXT_WIDTH + 66
    draw_curves(panels, result.faithfulness, Box(left, top + 34, panels.width - left - 4, CURVES), "deletion")
    panels.note(left - 40, top + 2, f"P({_event(result)}) as {_noun(result)} are left out", size=11.5)
    for k, remark in enumerate(_remarks(result)):
        panels.note(0, top + _body(result) + 8 + REMARK * k, remark, size=11.5)
    room = needed_height(result) - _body(result) - REMARK * len(_remarks(result))
    if result.of == "text" and room > LEAST_ROOM:
        _draw_strongest(panels, result, top + needed_height(result) - room + 14, room - 14)


def markup(result: Attribution) -> str:
    """The item as HTML without scripts; what came from data is escaped."""
    if result.of == "image" or result.text is None:
        return ""
    parts, start = [], 0
    for (begin, end), share in zip(result.frame.select("start", "stop").rows(), _strength(result), strict=True):
        parts += [(result.text[start:begin], "", ""), (result.text[begin:end], *_tint(float(share)))]
        start = end
    return str(pieces("result.html.j2").coloured([*parts, (result.text[start:], "", "")], Html(FACE)))


def bundle(result: Attribution) -> dict[str, Any]:
    """MIME bundle of the result: as for every result, with the coloured text in its HTML."""
    found = display.bundle(result, figure(result))
    found["text/html"] = markup(result) + found["text/html"]
    return found


def _tint(share: float) -> tuple[str, str]:
    """The colour of a word as CSS, and what it says; empty for one that says nothing."""
    if abs(share) < NO_COLOUR:
        return "", ""
    red, green, blue = (int(_colour(share)[i : i + 2], 16) for i in (1, 3, 5))
    told = f"{abs(share):.0%} of the strongest, {'for' if share > 0 else 'against'}"
    return f"rgba({red},{green},{blue},{abs(share) * STRONGEST:.2f})", told


def _strength(result: Attribution) -> np.ndarray:
    """Weights relative to the strongest, -1 to 1."""
    weights = result.frame["weight"].to_numpy()
    return weights / max(float(np.abs(weights).max(initial=0)), 1e-12)


def _colour(share: float) -> str:
    return theme.ROLES["agrees"] if share > 0 else theme.ROLES["contradicts"]


def _blend(share: float, dark: bool) -> str:
    """The colour of a part as it looks on the paper."""
    paper, ink = theme.INKS[dark]["paper"], _colour(share)
    mix = abs(share) * STRONGEST
    channels = (round(int(paper[i : i + 2], 16) * (1 - mix) + int(ink[i : i + 2], 16) * mix) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02X}" for channel in channels)


def _lines(result: Attribution) -> list[list[tuple[float, str, float]]]:
    """The text in lines of (x in pixels, words, strength); of a long text the stretch that holds the strongest parts."""
    lines: list[list[tuple[float, str, float]]] = [[]]
    x = 0.0
    for piece, value, apart in _pieces(result):
        width = text_width(html.escape(piece), SIZE)
        x += SPACE if apart and lines[-1] else 0
        if x + width > TEXT_WIDTH and lines[-1]:
            lines.append([])
            x = 0.0
        lines[-1].append((x, piece, value))
        x += width + (0 if apart else 1)
    return _window(lines)


def _pieces(result: Attribution) -> list[tuple[str, float, bool]]:
    """Words and what stands between them, each with its strength and whether a space precedes it."""
    text, found, end = result.text or "", [], 0
    spans = result.frame.select("start", "stop").rows()
    for (start, stop), share in zip([*spans, (len(text), len(text))], [*_strength(result), 0.0], strict=True):
        for begin, until, value in ((end, start, 0.0), (start, stop, float(share))):
            for match in re.finditer(r"\S+", text[begin:until]):
                place = begin + match.start()
                found.append((match.group(), value, place == 0 or text[place - 1].isspace()))
        end = stop
    return found


def _window(lines: list[list[tuple[float, str, float]]]) -> list[list[tuple[float, str, float]]]:
    if len(lines) <= MOST_LINES:
        return lines
    inner = MOST_LINES - 2  # the first and the last line may only say that there is more
    mass = np.cumsum([0.0, *(sum(abs(value) for *_, value in line) for line in lines)])
    best = int(np.argmax(mass[inner:] - mass[:-inner]))
    first = min(max(0, best - 1), len(lines) - MOST_LINES)
    shown = lines[first : first + MOST_LINES]
    more = [(0.0, "…", 0.0)]
    return [more if first else shown[0], *shown[1:-1], more if first + MOST_LINES < len(lines) else shown[-1]]


def _draw_text(panels: Panels, result: Attribution, top: float) -> None:
    for k, line in enumerate(_lines(result)):
        for x, piece, share in line:
            more: dict[str, Any] = {"font": {"size": SIZE, "family": FACE, "color": theme.INKS[panels.dark]["ink"]}}
            if abs(share) >= NO_COLOUR:
                more |= {"bgcolor": _blend(share, panels.dark), "borderpad": 2, "hovertext": f"{share:+.0%} of the strongest"}
            panels.note(x + 3, top + 14 + k * LINE, theme.safe(piece, 60), **more)


def _draw_strongest(panels: Panels, result: Attribution, top: float, height: float) -> None:
    """The strongest words as bars, in log-odds, as many as there is room for."""
    import plotly.graph_objects as go

    frame = result.frame.sort(pl.col("weight").abs(), descending=True, maintain_order=True).head(int((height - 20) // BAR))
    frame = frame.filter(pl.col("weight") != 0)
    if frame.is_empty():
        return
    low, high = (float(end(0.0, *frame["weight"])) for end in (min, max))
    room = 0.2 * (high - low)  # for the numbers
    names = [theme.safe(word, 16) for word in frame["word"]]
    axes = panels.add(
        Box(110, top + 18, TEXT_WIDTH - 130, BAR * frame.height),
        {"range": [low - room * (low < 0), high + room * (high > 0)], "visible": False},
        {"range": [frame.height - 0.5, -0.5], "tickvals": list(range(frame.height)), "ticktext": names, "showgrid": False},
    )
    for sign in (1, -1):
        part = frame.with_row_index("row").filter(pl.col("weight") * sign > 0)
        bar = go.Bar(
            x=part["weight"],
            y=part["row"],
            orientation="h",
            marker={"color": _colour(sign)},
            text=[f"{weight:+.2f}" for weight in part["weight"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x:+.3f} log-odds<extra></extra>",
            **axes,
        )
        panels.traces.append(bar)
    panels.note(0, top + 4, "What each adds, in log-odds", size=11.5)


def _draw_image(panels: Panels, result: Attribution, top: float) -> None:
    import plotly.graph_objects as go

    if result.pixels is None:
        return
    hidden = {"visible": False}
    for k, pixels in enumerate((result.pixels, _overlaid(result))):
        source, width, height = as_png_uri(as_png(pixels))
        scale = SIDE / max(height, width)
        box = Box(k * (SIDE + BETWEEN), top + 22, width * scale, height * scale)
        axes = panels.add(box, hidden | {"range": [0, width]}, hidden | {"range": [height, 0]})
        panels.traces.append(go.Image(source=source, x0=0.5, y0=0.5, hoverinfo="skip", **axes))
    panels.note(0, top + 8, "As the encoder sees it", size=11.5)
    _legend(panels, result, SIDE + BETWEEN, top + 8)


def _legend(panels: Panels, result: Attribution, left: float, y: float) -> None:
    label = theme.safe(result.label, 14)
    other = "against it" if result.against is None else f"for {theme.safe(result.against, 14)}"
    for role, words in (("agrees", f"for {label}"), ("contradicts", other)):
        panels.note(left, y, f"<b>{words}</b>", ink=theme.ROLES[role], size=11.5)
        left += 1.1 * text_width(words, 11.5, bold=True) + 12


def _overlaid(result: Attribution) -> np.ndarray:
    """The image in grey with its patches in colour, uint8, large enough to be sharp."""
    pixels = np.asarray(result.pixels)
    grey = (pixels @ np.array([0.30, 0.59, 0.11]))[..., None].repeat(3, axis=2) * 0.55 + 255 * 0.45
    strength = _strength(result)
    for (left, top, right, bottom), share in zip(result.frame.select("left", "top", "right", "bottom").rows(), strength, strict=True):
        ink = np.array([int(_colour(float(share))[i : i + 2], 16) for i in (1, 3, 5)], float)
        mix = abs(float(share)) * 0.8
        grey[top:bottom, left:right] = grey[top:bottom, left:right] * (1 - mix) + ink * mix
    return np.asarray(grey.round().astype(np.uint8))


def _remarks(result: Attribution) -> list[str]:
    """What the picture alone does not say, a line each."""
    parts = _noun(result)
    lines = [f"{result.probability:.0%} as it is; {result.baseline:.0%} with all {parts} left out"]
    if result.against is None:
        fifth = result.faithfulness.summary_scores.filter(pl.col("share") == FIFTH).row(0, named=True)
        falls = [result.probability - result.side * fifth[name] for name in ("comprehensiveness", "random_comprehensiveness")]
        lines.append(f"Without the top fifth of the {parts}: {falls[0]:.0%} (random {parts}: {falls[1]:.0%})")
        if result.shown is not None and abs(result.shown - result.probability) > WORTH_SAYING:
            lines.append(f"The head alone gives {result.probability:.0%}; with the neighbour votes it is {result.shown:.0%}")
    return lines + [theme.safe(note, 110) for note in result.notes]


def _event(result: Attribution) -> str:
    """What the curves are the probability of."""
    label, other = theme.safe(result.label, 14), theme.safe(result.against or "", 14)
    if not other:
        return label if result.side > 0 else f"no {label}"
    return f"{label} over {other}" if result.side > 0 else f"{other} over {label}"


def _noun(result: Attribution) -> str:
    return "words" if result.of == "text" else "patches"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
