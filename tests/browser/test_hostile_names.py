"""Names that would be code, a shell line, a pattern, a template or HTML: in JupyterLab they stay names, and the table opens."""

from __future__ import annotations

import labkit
import polars as pl
import pytest

pytestmark = pytest.mark.browser

MADE = "hacked-by-"  # how the name of every file begins that one of these would make
ENDS = ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e", "\n", "\r")  # Python's splitlines ends a line at each of them
QUIET = dict.fromkeys(map(ord, ENDS[:3]))  # or a broken line would hide what the next column does
MARKUP = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
TEMPLATES = "${window.hacked=1}{{ 1/0 }}{% raw %}%{x}%s{0}"


def makes(place: str) -> str:
    """Python that makes a file, without a quotation mark."""
    return f"open({'+'.join(f'chr({ord(letter)})' for letter in MADE + place)},chr(119))"


def line(place: str, end: str = "\u2028") -> str:
    """Leaves a string that was quoted as JSON.

    IPython looks for its own syntax (``x=!command``) line by line, and a line ends there at U+2028 too. It writes the
    command between quotes of its own, in which the backslashes are doubled: then the quotation mark after them ends the
    string that was opened first.
    """
    return f')]}}){end}x=!"+str({makes(place)}))#'


def name(place: str) -> str:
    """Everything else that leaves a string, in one name."""
    lines = "".join(f"{end}!touch {MADE}{place}-{ord(end):x}{end}" for end in ENDS)
    quotes = "".join(f"{quote}+{makes(place)}#" for quote in ('"', "'", '"""', "'''", '\\"', "\\", '\\\\"'))
    return f"{place}{lines}{quotes}{TEMPLATES}{MARKUP}\N{PILE OF POO}\u202e\ufeff\0$(touch {MADE}{place}-shell)`touch {MADE}{place}-tick`"


@pytest.fixture
def hostile(lab, request):
    """A table, and the names of its columns by what they hold."""
    place = lab.root / request.param
    place.parent.mkdir(exist_ok=True)
    columns = {"labels": f"labels{line('labels')}", "text": name("text").translate(QUIET), "id": name("id").translate(QUIET)}
    labels = [name("one"), line("two")]
    table = pl.DataFrame(
        {
            columns["text"]: [f"{('bark leash walk', 'purr whiskers nap')[k % 2]} {k}" for k in range(60)],
            columns["id"]: [f"{k} {name('item')}{line('item')}" for k in range(60)],
            columns["labels"]: [[labels[(k + (k % 9 == 0)) % 2]] for k in range(60)],
        }
    )
    with place.open("wb") as file:  # a path would be read as a pattern
        table.write_parquet(file)
    return place, columns


@pytest.mark.parametrize(
    "hostile",
    ["hostile.parquet", f"~{line('folder')}*/~[1]*{{x}}{line('file')}'''$(touch {MADE}sh)\n<img src=x onerror=window.hacked=1>.parquet"],
    ids=["columns", "file"],
    indirect=True,
)
def test_no_name_of_a_table_runs_code(lab, page, hostile, screenshot):
    path, columns = hostile
    sent = []
    page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame if isinstance(frame, bytes) else frame.encode()))
    )
    page.goto(lab.url("lab/workspaces/hostile-names"))
    labkit.restored(page)
    page.evaluate(
        "path => window.jupyterapp.commands.execute('labelscope:open-path', { path }).then(() => null)",
        path.relative_to(lab.root).as_posix(),
    )
    form = page.locator(".lsx-import form, form.lsx-import").first
    form.wait_for()
    for place, (key, role) in enumerate({"text": "Text", "id": "Item id", "labels": "Labels"}.items()):  # in the order of the table
        column = form.locator("select.lsx-role").nth(place)
        assert column.get_attribute("aria-label") == f"Role of {columns[key]}"
        column.select_option(label=role)
    form.locator("button[type=submit]:enabled").click()
    app = page.get_by_role("application", name="Labelscope explorer")
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    assert app.get_by_text("60 items").first.is_visible()

    page.locator(".lsx-status").get_by_role("button", name="Signed as").click()
    app.get_by_role("textbox", name="Your name").fill(line("reviewer"))  # what a person types is a name like another
    page.keyboard.press("Enter")
    app.get_by_role("status").filter(has_text="Decisions are recorded under").wait_for()
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    field = app.get_by_label("Search the worklist")
    field.fill(line("search"))
    app.get_by_text("Nothing").first.wait_for()
    screenshot(page.locator("#main"), "lab-hostile-names")

    asked = [frame for frame in sent if b"execute_request" in frame and b"_labelscope" in frame]
    assert len(asked) >= 3  # look, open, show
    assert not any(MADE.encode() in frame or b"chr(" in frame for frame in asked), "data stands in the code that the kernel is asked to run"
    assert [made.name for made in lab.root.rglob(f"{MADE}*")] == []
    assert page.evaluate("() => window.hacked") is None
    labkit.close(page)
