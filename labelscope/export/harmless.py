"""HTML of a notebook without what runs, what leads away and what is loaded from elsewhere.

An output or a Markdown cell may hold any HTML, written by whoever made the notebook or the data in it. The sanitizer
(bleach, which parses as browsers do) keeps the elements and attributes listed here. Pictures stay where they are in the
page, or in a file below the notebook's folder; style sheets lose each rule that loads something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import tinycss2
from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner

from labelscope.data.images import image_uri
from labelscope.errors import ImageError

__all__ = ["harmless"]

TAGS = frozenset({
    "a", "abbr", "article", "aside", "b", "bdi", "bdo", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section",
    "small", "span", "strike", "strong", "style", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr",
    "tt", "u", "ul", "var", "wbr",
})  # fmt: skip
WITHOUT_CONTENT = frozenset({  # their text is no text to read
    "applet", "audio", "canvas", "frameset", "iframe", "math", "noembed", "noframes", "noscript", "object", "plaintext", "script",
    "select", "svg", "template", "textarea", "title", "video", "xmp",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "align", "alt", "border", "class", "colspan", "datetime", "dir", "height", "href", "id", "lang", "open", "reversed", "role",
    "rowspan", "scope", "span", "src", "start", "style", "tabindex", "title", "type", "valign", "width",
})  # fmt: skip
LINKS = {"https", "http", "mailto", "data"}
LOADING = frozenset({"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "-webkit-cross-fade", "expression"})
AT_RULES = frozenset({"media", "supports", "keyframes", "-webkit-keyframes", "container", "layer", "page", "font-face"})


def harmless(markup: str, folder: Path | None = None) -> str:
    """HTML as it may stand in a page that is passed on.

    Parameters
    ----------
    markup : str
        A fragment.
    folder : pathlib.Path, optional
        Where pictures named by a relative path lie; they are put into the page. Default: such pictures are left out.
    """
    cleaner = Cleaner(
        tags=TAGS | WITHOUT_CONTENT,
        attributes=_is_kept,
        protocols=LINKS,
        strip=True,
        css_sanitizer=_Declarations(),
        filters=[partial(_Rest, folder=folder)],
    )
    cleaner.serializer.escape_rcdata = False  # a style sheet is no text; `_sheet` leaves no "<" in it
    return str(cleaner.clean(markup))


def _is_kept(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    if name == "src":
        return tag == "img"
    return name in ATTRIBUTES or name.startswith("aria-")


class _Rest(Filter):  # type: ignore[misc]
    """What the sanitizer has no option for: elements that go with their content, pictures, style sheets."""

    def __init__(self, source: Iterable[dict[str, Any]], folder: Path | None) -> None:
        super().__init__(source)
        self.folder = folder

    def __iter__(self) -> Iterator[dict[str, Any]]:
        depth = 0
        sheet: list[str] | None = None
        for token in super().__iter__():
            kind, name = token["type"], token.get("name")
            if kind in {"StartTag", "EndTag"} and name in WITHOUT_CONTENT:
                depth += 1 if kind == "StartTag" else -1
            elif depth or (kind == "EmptyTag" and name in WITHOUT_CONTENT):
                continue
            elif kind == "StartTag" and name == "style":
                sheet = []
                yield token
            elif kind == "EndTag" and name == "style":
                yield {"type": "Characters", "data": _sheet("".join(sheet or []))}
                sheet = None
                yield token
            elif sheet is not None:
                sheet.append("&" if kind == "Entity" and name == "amp" else f"&{name};" if kind == "Entity" else token["data"])
            elif name == "img":
                yield self._pictured(token)
            else:
                yield token

    def _pictured(self, token: dict[str, Any]) -> dict[str, Any]:
        attributes = token["data"]
        address = attributes.pop((None, "src"), "")
        if address.startswith("data:image/"):
            attributes[None, "src"] = address
        elif address and self.folder is not None and not address.startswith("data:"):
            try:
                attributes[None, "src"] = image_uri(unquote(address), self.folder)
            except ImageError:
                attributes.setdefault((None, "alt"), "Picture that is not in this page")
        return token


class _Declarations:
    """What bleach asks to clean an attribute ``style``."""

    def sanitize_css(self, style: str) -> str:
        """The declarations that load nothing."""
        parts = tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)
        return tinycss2.serialize([part for part in parts if part.type == "declaration" and not _loads(part.value)])


def _sheet(css: str) -> str:
    """A style sheet without the rules that load something."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True)
    kept = [
        rule
        for rule in rules
        if (rule.type == "qualified-rule" or (rule.type == "at-rule" and rule.lower_at_keyword in AT_RULES))
        and not _loads([*rule.prelude, *(rule.content or [])])
    ]
    return tinycss2.serialize(kept).replace("<", r"\3c ")


def _loads(tokens: Iterable[Any]) -> bool:
    """Whether tokens of a style sheet name something that is not in the page."""
    for token in tokens:
        if token.type in {"url", "error"}:
            if token.type == "error" or not token.value.strip().lower().startswith("data:"):
                return True
        elif token.type == "function" and token.lower_name in LOADING:
            named = [inner for inner in token.arguments if inner.type not in {"whitespace", "comment"}]
            if not (len(named) == 1 and named[0].type == "string" and named[0].value.strip().lower().startswith("data:")):
                return True
        elif token.type == "at-keyword":
            if token.lower_value not in AT_RULES:
                return True
        elif _loads(getattr(token, "content", None) or getattr(token, "arguments", None) or ()):
            return True
    return False
