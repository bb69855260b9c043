from __future__ import annotations

import io

import pytest
from PIL import Image

from labelscope.export.harmless import harmless

PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    "markup",
    [
        "<b class='x'>bold</b>".replace("'", '"'),
        '<table border="1"><thead><tr><th>a</th></tr></thead><tbody><tr><td colspan="2">1 &lt; 2 &amp; 3</td></tr></tbody></table>',
        f'<img alt="a chart" src="{PICTURE}">',
        "<details open><summary>More</summary><p>it</p></details>",
        '<a href="https://example.org/">a link that the reader may follow</a>',
        '<style>.a > b { color: red; content: "&" } @media print { .a { display: none } }</style><p class="a">words</p>',
        f"<style>p {{ background: url({PICTURE}) }}</style>",
        '<p style="color: red;text-align: right;">words</p>',
        "words of the data: &lt;script&gt; &lt;meta http-equiv=refresh&gt; javascript:x @import url(y)",
    ],
)  # fmt: skip
def test_what_is_shown_stays_as_it_is(markup):
    assert harmless(markup).replace(" ", "") == markup.replace(" ", "")


@pytest.mark.parametrize(
    "markup",
    [
        '<meta http-equiv="refresh" content="0;url=https://example.org/">',
        "<META HTTP-EQUIV=refresh CONTENT='0; https://example.org/'>",
        '<base href="https://example.org/">',
        '<iframe src="https://example.org/">https://example.org/</iframe>',
        '<img src="https://example.org/x.png" srcset="https://example.org/y.png 2x">',
        '<img src="//example.org/x.png">',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        "<style>@import 'https://example.org/x.css';</style>",
        r"<style>@\69mport 'https://example.org/x.css';</style>",
        "<style>p { background: url(https://example.org/x.png) }</style>",
        r"<style>p { background: u\72l('https://example.org/x.png') }</style>",
        "<style>@media all { p { background: image-set('https://example.org/x.png' 1x) } }</style>",
        "<style>@font-face { font-family: x; src: url(https://example.org/x.woff) }</style>",
        '<p style="background: url(https://example.org/x.png)"></p>',
        '<video poster="https://example.org/x.png" src="https://example.org/x.mp4"></video>',
        '<svg><image href="https://example.org/x.png"></image></svg>',
        '<table background="https://example.org/x.png"></table>',
        '<form action="https://example.org/"><button formaction="https://example.org/">Go</button></form>',
        '<object data="https://example.org/"></object><embed src="https://example.org/">',
        "<script>location = 'https://example.org/'</script>",
        '<noscript><p title="</noscript><meta http-equiv=refresh content=0;https://example.org/>"></noscript>',
        '<math><mtext><table><mglyph><style><img src="https://example.org/x">',
        "<style></style><meta http-equiv=refresh content=0;https://example.org/></style>",
        "<!-- --!><img src=https://example.org/x> -->",
        '<a ping="https://example.org/">x</a>',
    ],
)
def test_nothing_leads_elsewhere_or_is_loaded(markup):
    assert "example.org" not in harmless(f"<p>before {markup}")
    assert "before" in harmless(f"<p>before {markup}")


@pytest.mark.parametrize("markup", ["<b onclick=x()>words</b>", '<a href=" java\nscript:x()">words</a>', "<script>x()</script>words"])
def test_nothing_runs(markup):
    cleaned = harmless(markup)
    assert "words" in cleaned
    assert "x()" not in cleaned


def test_a_style_sheet_cannot_end_its_element():
    assert "<meta" not in harmless(r"<style>p { content: '\3c /style>\3c meta http-equiv=refresh>' }</style>")


def test_pictures_below_the_folder_are_put_into_the_page_and_no_others(tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (3, 3), "red").save(out, "PNG")
    folder = tmp_path / "book"
    folder.mkdir()
    for place in (folder / "own picture.png", tmp_path / "secret.png"):
        place.write_bytes(out.getvalue())
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "notes.txt").write_text("not a picture")
    assert 'src="data:image/png;base64,iVBOR' in harmless('<img alt="x" src="own%20picture.png">', folder)
    for address in ("../secret.png", str(tmp_path / "secret.png"), "link.png", "notes.txt", (tmp_path / "secret.png").as_uri()):
        assert "src=" not in harmless(f'<img src="{address}">', folder)
    assert "src=" not in harmless('<img src="own%20picture.png">')
