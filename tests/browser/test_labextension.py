"""The JupyterLab extension: what a person finds in JupyterLab, and opens by mouse."""

from __future__ import annotations

import json
import subprocess
import sys

import labkit
import numpy as np
import polars as pl
import pytest

pytestmark = pytest.mark.browser

SHOW = """
import labelscope as ls
app = ls.explore(ls.read('{0}', labels='labels', text='text'), ledger='{0}.sqlite')
app.wait(60)
app
"""
HOSTILE = "<img src=x onerror=window.hacked=1>"
FORGET = "import sys; sys.modules['labelscope'] = None"
OLD = "import sys, types; sys.modules['labelscope'] = types.ModuleType('labelscope'); sys.modules['labelscope'].__version__ = '0.0.1'"
PROTOCOLS = "from labelscope import labextension, version; labextension.messages.PROTOCOL = {}; version.__version__ = '{}'"
KERNELS = {"bare": FORGET, "old": OLD, "older": PROTOCOLS.format(0, "0.0.9"), "newer": PROTOCOLS.format(99, "9.0.0")}
START = "from ipykernel import kernelapp; kernelapp.launch_new_instance()"


def expect(locator):
    from playwright.sync_api import expect  # only where there is a browser

    return expect(locator)


def write_table(path, n=200):
    rng = np.random.default_rng(0)
    words = {"dog": "bark leash walk", "cat": "purr whiskers nap", "beach": "sand waves sun"}
    main = [list(words)[k] for k in rng.integers(0, 3, n)]
    texts = [f"{' '.join(rng.permutation(words[label].split()))} seen {k}" for k, label in enumerate(main)]
    labels = [["dog" if rng.random() < 0.05 else label] for label in main]
    labels[0], texts[0] = ["dog", "cat"], f"{words['dog']} {words['cat']}"  # with one label each, a label would replace the other
    frame = pl.DataFrame({"item_id": [f"i{k}" for k in range(n)], "text": texts, "labels": labels})
    if path.suffix == ".parquet":
        frame.write_parquet(path)
    elif path.suffix == ".jsonl":
        frame.write_ndjson(path)
    else:
        frame.with_columns(pl.col("labels").list.join(";")).write_csv(path)


@pytest.fixture(scope="module")
def kernels(lab):
    """Kernels whose Python has no labelscope, one from before the extension, an older and a newer one."""
    for name, prelude in KERNELS.items():
        folder = lab.root / ".lab" / "data" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {
            "argv": [sys.executable, "-c", f"{prelude}; {START}", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
        }
        (folder / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture
def start(lab, page):
    """JupyterLab with its launcher and its file browser."""

    def start(workspace: str) -> None:
        page.goto(lab.url(f"lab/workspaces/{workspace}"))
        labkit.restored(page)

    return start


def open_with(page, name: str) -> None:
    labkit.command(page, "filebrowser:refresh")
    page.locator(".jp-DirListing-item", has_text=name).first.click(button="right")
    page.locator(".lm-Menu-itemLabel", has_text="Open With").hover()
    page.locator(".lm-Menu-item[data-command='filebrowser:open']", has_text="Labelscope").click()


def open_path(page, path: str) -> None:
    page.evaluate("path => window.jupyterapp.commands.execute('labelscope:open-path', { path }).then(() => null)", path)


def import_page(page, name: str):
    """The import page of a table, once the kernel has said how it can be read."""
    form = page.get_by_role("form", name=f"How to read {name}")
    form.locator("[role=status]").filter(has_not_text="Looking").wait_for()
    return form


def confirm(page, name: str) -> None:
    import_page(page, name).get_by_role("button", name="Open").click()


def explorer(page):
    app = page.get_by_role("application", name="Labelscope explorer")
    app.wait_for()
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    return app


def n_accepted(app) -> str:
    return app.get_by_role("tab", name="Accepted").locator(".ls-count").inner_text()


def test_the_extension_is_installed_and_enabled():
    listed = subprocess.run([sys.executable, "-m", "jupyter", "labextension", "list"], capture_output=True, text=True, check=True)
    line = next((line for line in (listed.stdout + listed.stderr).splitlines() if "labelscope-lab" in line), "")
    assert "enabled" in line, "pip install . installs the extension; from a checkout: python extensions/build.py, then pip install -e ."
    assert "OK" in line


def test_launcher_and_palette_lead_to_a_table(lab, page, start, screenshot):
    write_table(lab.root / "picked.jsonl")
    start("launcher")
    page.locator(".jp-LauncherCard", has_text="Labelscope").click()
    home = page.locator(".lsx-home")
    home.get_by_role("heading", name="Labelscope").wait_for()
    screenshot(page.locator("#main"), "lab-home")
    home.get_by_role("button", name="Open a table…").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".jp-DirListing-item", has_text="picked.jsonl").click()
    screenshot(page.locator("#main"), "lab-pick")
    dialog.locator(".jp-mod-accept").click()
    import_page(page, "picked.jsonl")
    page.keyboard.press("Control+Shift+C")
    page.keyboard.type("labelscope")
    shown = page.locator(".lm-CommandPalette-item").filter(has_text="Labelscope")
    shown.first.wait_for()
    commands = page.locator(".lm-CommandPalette-item").evaluate_all("items => items.map(item => item.dataset.command)")
    assert {"labelscope:home", "labelscope:open-file"} <= set(commands)
    page.locator(".lm-CommandPalette-item[data-command='labelscope:home']").click()
    home.wait_for()


def test_a_parquet_is_opened_by_mouse_decided_on_and_found_again(lab, page, start, screenshot):
    write_table(lab.root / "pets.parquet")
    start("parquet")
    open_with(page, "pets.parquet")
    import_page(page, "pets.parquet")
    screenshot(page.locator("#main"), "lab-columns")
    confirm(page, "pets.parquet")
    app = explorer(page)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")  # letters and digits are the app's: no command of JupyterLab takes them
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    accepted = n_accepted(app)  # the suggestion, and those that belong to it
    assert int(accepted) >= 1
    page.keyboard.press("3")
    app.get_by_role("status").filter(has_text="is now").wait_for()
    assert n_accepted(app) == accepted
    page.locator("[data-id='labelscope-panel']").click()
    panel = page.get_by_role("region", name="Labelscope")
    panel.get_by_role("list", name="Open sessions").get_by_role("button", name="pets.parquet").wait_for()
    panel.get_by_role("list", name="Recent tables").get_by_role("button", name="pets.parquet").wait_for()
    panel.locator("dd").nth(1).filter(has_text=accepted).wait_for()
    page.locator(".lsx-status", has_text="decided").wait_for()
    screenshot(page.locator("#main"), "lab-explorer")
    box, document = app.bounding_box(), page.locator(".lsx-document").bounding_box()
    assert abs(box["height"] - document["height"]) < 3  # no second scroll bar
    assert (lab.root / "pets.parquet.labelscope" / "ledger.sqlite").is_file()

    labkit.reload(page)  # the kernel goes on, and what it has is shown again
    assert n_accepted(explorer(page)) == accepted
    labkit.close(page)
    labkit.command(page, "labelscope:show-panel")
    panel.get_by_text("Nothing is open.").wait_for()
    panel.get_by_role("list", name="Recent tables").get_by_role("button", name="pets.parquet").click()
    assert n_accepted(explorer(page)) == accepted  # another kernel, the same columns and decisions: nothing is asked
    labkit.close(page)


def test_a_document_whose_kernel_was_shut_down_says_so_and_runs_again_with_its_decisions(lab, page, start, screenshot):
    write_table(lab.root / "ended.parquet")
    start("ended")
    open_with(page, "ended.parquet")
    confirm(page, "ended.parquet")
    app = explorer(page)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("a")
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    accepted = n_accepted(app)
    assert int(accepted) >= 1
    page.evaluate(  # as the list of what runs does it
        """() => {
            const { sessionContext } = window.jupyterapp.shell.currentWidget.context;
            return window.jupyterapp.serviceManager.sessions.shutdown(sessionContext.session.id).then(() => null);
        }"""
    )
    alert = page.locator(".lsx-document").get_by_role("alert").filter(has_text="The kernel has stopped")
    alert.wait_for()
    screenshot(page.locator("#main"), "lab-ended")
    alert.get_by_role("button", name="Run again").click()
    alert.wait_for(state="detached")
    assert n_accepted(explorer(page)) == accepted
    labkit.close(page)


def test_a_double_click_opens_a_parquet_which_no_editor_could_show(lab, page, start):
    write_table(lab.root / "twice.parquet", 60)
    start("twice")
    labkit.command(page, "filebrowser:refresh")
    page.locator(".jp-DirListing-item", has_text="twice.parquet").dblclick()
    import_page(page, "twice.parquet")
    page.goto(lab.url("lab/workspaces/thrice/tree/twice.parquet"))  # as a reloaded page asks for it
    import_page(page, "twice.parquet")
    assert page.locator(".jp-Dialog").count() == 0
    labkit.close(page)


def test_the_folder_beside_a_table_opens_the_table(lab, page, start):
    write_table(lab.root / "beside.csv")
    (lab.root / "beside.csv.labelscope").mkdir()
    start("folder")
    labkit.command(page, "filebrowser:refresh")
    page.locator(".jp-DirListing-item", has_text="beside.csv.labelscope").click(button="right")
    page.locator(".lm-Menu-item[data-command='labelscope:open-selected']").click()
    import_page(page, "beside.csv")
    labkit.close(page)
    page.locator(".jp-DirListing-item", has_text="beside.csv.labelscope").dblclick()
    import_page(page, "beside.csv")
    labkit.close(page)


def test_names_from_data_are_text_and_bad_columns_are_refused_in_words(lab, page, start):
    name = f"{HOSTILE}.csv".replace("/", "")
    written = [json.dumps([label]) for label in (HOSTILE, "x")]
    pl.DataFrame({"text": ["a b", "c d"], HOSTILE: written, "empty": ["", ""]}).write_csv(lab.root / name)
    start("hostile")
    open_with(page, name)
    form = import_page(page, name)
    assert HOSTILE in form.inner_text()
    form.get_by_label(f"Role of {HOSTILE}", exact=True).select_option("Ignore")
    form.get_by_label("Role of empty").select_option("Labels")
    refusal = form.locator(".lsx-refusal")
    refusal.filter(has_text="label").wait_for()
    assert form.get_by_role("button", name="Open").is_disabled()
    form.get_by_label("Role of empty").select_option("Ignore")
    form.get_by_label(f"Role of {HOSTILE}", exact=True).select_option("Labels")
    refusal.wait_for(state="detached")
    form.get_by_role("button", name="Open").click()
    page.get_by_role("application", name="Labelscope explorer").wait_for()
    page.locator("[data-id='labelscope-panel']").click()
    assert page.evaluate("() => window.hacked") is None
    labkit.close(page)


ODD = "quote' \u2028 </script> \\ <b>"


def test_the_page_is_accessible_in_both_themes_and_the_status_bar_changes_the_name(lab, page, start, screenshot):
    write_table(lab.root / "accessible.parquet")
    pl.read_parquet(lab.root / "accessible.parquet").with_columns(pl.lit(ODD).alias(ODD)).write_parquet(lab.root / "accessible.parquet")
    start("accessible")
    open_path(page, "accessible.parquet")
    form = import_page(page, "accessible.parquet")
    role = form.get_by_role("combobox", name="Role of quote'")
    role.focus()
    page.keyboard.press("f")  # by keyboard alone: Feature
    assert role.input_value() == "features"
    expect(form.locator(".lsx-code code")).to_contain_text("features=")
    for theme in ("Light", "Dark"):
        change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme }).then(() => null)"
        page.evaluate(change, f"JupyterLab {theme}")
        page.wait_for_function("dark => (document.body.dataset.jpThemeLight === 'false') === dark", arg=theme == "Dark")
        assert labkit.serious_findings(page, ".lsx-import") == []
        screenshot(page.locator("#main"), f"lab-import-{theme.lower()}")
    role.select_option("Ignore")
    expect(form.get_by_role("button", name="Open")).to_be_enabled()
    form.get_by_role("button", name="Open").click()
    app = explorer(page)
    assert app.get_by_role("dialog", name="Your name").count() == 0  # it is shown: nobody is asked
    page.locator(".lsx-status").get_by_role("button", name="Signed as").click()
    app.get_by_role("textbox", name="Your name").fill("Ann")
    page.keyboard.press("Enter")
    page.locator(".lsx-status").get_by_role("button", name="Signed as Ann").wait_for()
    labkit.close(page)


def test_lists_with_one_label_each_are_told_and_may_have_several(lab, page, start, screenshot):
    kinds = [["anger"], ["love"], ["excitement"]] * 10
    pl.DataFrame({"text": [f"what was said {k}" for k in range(30)], "kind": kinds}).write_parquet(lab.root / "one_each.parquet")
    start("one_each")
    open_with(page, "one_each.parquet")
    form = import_page(page, "one_each.parquet")
    form.get_by_text("One label each.", exact=True).wait_for()
    form.get_by_text("A correction replaces the label by another").wait_for()
    screenshot(page.locator("#main"), "lab-import-one-each")
    form.get_by_role("button", name="An item may have several labels").click()
    form.get_by_text("Suggestions replace a label by another; the cells could hold several.").wait_for()
    expect(form.get_by_label("An item has")).to_have_value("several")
    expect(form.locator(".lsx-code code")).to_contain_text("labels_per_item='several'")


def test_a_doubt_is_shown_on_the_table_s_own_rows_and_settled_by_a_choice_that_is_remembered(lab, page, start, screenshot):
    answers = ["agree", "strongly agree", "disagree", "strongly disagree"] * 15
    pl.DataFrame({"text": [f"what was said {k}" for k in range(60)], "answer": answers}).write_csv(lab.root / "doubt.csv")
    start("doubt")
    open_with(page, "doubt.csv")
    form = import_page(page, "doubt.csv")
    readings = form.get_by_role("radio")
    expect(readings).to_have_count(2)
    assert form.get_by_role("radio", checked=True).count() == 0
    assert form.get_by_role("button", name="Open").is_disabled()
    assert "strongly agree" in form.locator(".lsx-reading", has_text="one label a cell").locator(".lsx-chip").all_inner_texts()
    screenshot(page.locator("#main"), "lab-import-doubt")
    form.locator(".lsx-reading", has_text="one label a cell").click()
    form.get_by_text("One label each.", exact=True).wait_for()
    call = form.locator(".lsx-code code")
    expect(call).to_have_text("labelscope.read('doubt.csv', labels='answer', text='text', labels_delimiter='')")
    form.get_by_label("Role of text").select_option("Ignore")
    expect(call).to_have_text("labelscope.read('doubt.csv', labels='answer', labels_delimiter='')")
    form.get_by_label("Role of text").select_option("Text")
    form.get_by_label("A label that is not listed is").select_option("unknown")
    expect(form.get_by_role("status")).to_contain_text("180 unknown cells")
    form.get_by_label("A label that is not listed is").select_option("negative")
    form.get_by_label("Embeddings").fill("none.npy")
    page.keyboard.press("Enter")
    form.locator(".lsx-argument", has_text="Embeddings").locator(".lsx-refusal", has_text="none.npy").wait_for()
    form.get_by_label("Embeddings").fill("")
    page.keyboard.press("Enter")
    expect(form.get_by_role("button", name="Open")).to_be_enabled()
    form.get_by_role("button", name="Open").click()
    explorer(page)
    labkit.close(page)
    open_path(page, "doubt.csv")  # nothing is asked again
    explorer(page)
    page.get_by_role("button", name="Change how it is read").click()
    form = import_page(page, "doubt.csv")
    assert form.get_by_role("radio", checked=True).count() == 1
    expect(form.locator(".lsx-code code")).to_contain_text("labels_delimiter=''")
    labkit.close(page)


def test_a_long_table_and_one_without_names_are_read_by_what_the_page_offers(lab, page, start):
    rows = [(f"i{k}", label, (k + at) % 2) for k in range(20) for at, label in enumerate(("cat", "dog"))]
    pl.DataFrame(rows, schema=["image", "label_name", "there"], orient="row").write_csv(lab.root / "long.csv")
    (lab.root / "nameless.csv").write_text("".join(f"some words {k},{'x;y' if k % 2 else 'y'}\n" for k in range(30)))
    start("long")
    open_with(page, "long.csv")
    form = import_page(page, "long.csv")
    form.get_by_role("button", name="Join the rows of each 'image', with 'there' for yes and no").click()
    expect(form.get_by_role("status")).to_contain_text("2 labels, 20 positives")
    assert form.get_by_label("Role of there").input_value() == "values"
    labkit.close(page)
    open_path(page, "nameless.csv")
    form = import_page(page, "nameless.csv")
    form.get_by_label("The first line is a record, not the names").check()
    expect(form.get_by_role("status")).to_contain_text("30 rows. 2 labels, 45 positives")
    assert form.get_by_label("Role of column_2").input_value() == "labels"
    labkit.close(page)


def test_decisions_on_an_earlier_version_of_a_table_are_taken_over_by_one_button(lab, page, start):
    path = lab.root / "version.parquet"
    write_table(path)
    start("version")
    open_with(page, path.name)
    confirm(page, path.name)
    app = explorer(page)
    app.get_by_role("button", name="Accept", exact=True).click()
    expect(app.get_by_role("tab", name="Accepted").locator(".ls-count")).not_to_have_text("0")
    accepted = n_accepted(app)
    labkit.close(page)
    page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll().then(() => null)")
    frame = pl.read_parquet(path)
    frame.head(frame.height - 1).write_parquet(path)
    open_path(page, path.name)
    form = page.get_by_role("form", name=f"How to read {path.name}")
    offer = form.get_by_role("button", name="Take the decisions over and open")
    offer.wait_for()
    assert form.locator(".lsx-refusal").count() == 0  # the offer says it, and a command to type would be one thing too many
    offer.click()
    assert n_accepted(explorer(page)) == accepted


@pytest.mark.parametrize(
    ("kernel", "words", "remedy"),
    [
        ("bare", "cannot import labelscope", "-m pip install multilabelscope"),
        ("old", "labelscope 0.0.1, which is older", "--upgrade multilabelscope"),
        ("older", "labelscope 0.0.9, which is older", "--upgrade multilabelscope"),
        ("newer", "labelscope 9.0.0, which is newer", "pip install --upgrade multilabelscope"),
    ],
)
def test_a_kernel_without_labelscope_is_explained(kernels, lab, page, start, screenshot, kernel, words, remedy):
    write_table(lab.root / f"{kernel}.csv")
    start(f"missing-{kernel}")
    open_with(page, f"{kernel}.csv")
    import_page(page, f"{kernel}.csv")
    change = "name => window.jupyterapp.shell.currentWidget.context.sessionContext.changeKernel({ name }).then(() => null)"
    page.evaluate(change, kernel)
    problem = page.locator(".lsx-problem")
    problem.get_by_text(words).wait_for()
    assert remedy in problem.locator("pre").inner_text()
    screenshot(page.locator("#main"), f"lab-missing-{kernel}")
    problem.get_by_role("button", name="Choose another kernel…").click()
    page.get_by_role("dialog").locator("select").select_option(label="Python 3 (ipykernel)")
    page.get_by_role("dialog").locator(".jp-mod-accept").click()
    import_page(page, f"{kernel}.csv")
    labkit.close(page)


def editor(page):
    """JupyterLab's settings editor at the settings of Labelscope."""
    page.evaluate("() => window.jupyterapp.commands.execute('settingeditor:open', { query: 'Labelscope' }).then(() => null)")
    form = page.locator(".jp-SettingsForm", has_text="Require a second key press")
    form.wait_for()
    return form


def bring(page, ending: str) -> None:
    page.evaluate(
        """ending => {
            const { shell } = window.jupyterapp;
            shell.activateById([...shell.widgets('main')].find(({ title }) => title.label.endsWith(ending)).id);
        }""",
        ending,
    )


def expect_hue(app, colour: str) -> None:
    expect(app.locator(".ls-legend .ls-key i").first).to_have_css("background-color", colour, timeout=30_000)


BAD = {
    "cut.parquet": (None, ["cut.parquet", "copy it again"]),
    "empty.csv": (b"", ["empty.csv", "an empty file"]),
    "broken.jsonl": (b'{"text": "a b", "labels": ["x"]}\n{"text": "a', ["broken.jsonl", "line 2"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_table_gives_one_line_and_a_way_on(lab, page, start, screenshot, name):
    content, words = BAD[name]
    write_table(lab.root / "whole.parquet")
    whole = (lab.root / "whole.parquet").read_bytes()
    (lab.root / name).write_bytes(whole[: len(whole) // 2] if content is None else content)
    start(f"bad-{name.split('.')[0]}")
    open_with(page, name)
    problem = page.locator(".lsx-problem[role=alert]")
    problem.wait_for()
    line = problem.locator("p").inner_text()
    assert all(word in line for word in words), line
    assert "\n" not in line
    assert "Traceback" not in line
    screenshot(page.locator("#main"), f"lab-bad-{name.split('.')[0]}")
    if name.endswith(".parquet"):
        (lab.root / name).write_bytes(whole)  # mended
        problem.get_by_role("button", name="Try again").click()
        import_page(page, f"{name}")
    else:
        problem.get_by_role("button", name="Open as text").click()
        page.locator(".jp-FileEditor").wait_for()


def test_keys_are_the_app_s_while_it_has_the_focus_and_nobody_s_else_when_it_has_not(lab, page, notebook):
    write_table(lab.root / "focus.jsonl")
    notebook(
        SHOW.format("focus.jsonl"),
        "'the cell below'",
    )
    app = explorer(page)
    n_cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    page.keyboard.press("b")  # of the notebook: insert a cell
    app.get_by_role("dialog", name="Bulk review").wait_for()
    page.keyboard.press("Escape")
    app.get_by_role("dialog", name="Bulk review").wait_for(state="detached")
    for key in ("d", "d", "0", "0", "a"):  # of the notebook: delete, restart; the last is accept
        page.keyboard.press(key)
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    assert int(n_accepted(app)) >= 1
    assert page.evaluate(n_cells) == 2
    assert page.locator(".jp-Dialog").count() == 0
    before = int(labkit.kernel(page, "print(len(app.decisions))"))
    page.keyboard.press("1")  # a digit changes a label, and makes no heading of the cell
    app.get_by_role("status").filter(has_text="is now").wait_for()
    assert int(labkit.kernel(page, "print(len(app.decisions))")) == before + 1
    assert page.locator(".jp-MarkdownCell").count() == 0
    accepted = n_accepted(app)

    page.locator(".jp-Cell").nth(1).locator(".jp-InputPrompt").click()  # the focus is the notebook's again, in command mode
    page.keyboard.press("b")
    page.wait_for_function(f"() => ({n_cells})() === 3")
    page.wait_for_function("() => document.activeElement.closest('.jp-Cell.jp-mod-active') !== null")
    page.keyboard.press("r")
    page.locator(".jp-RawCell").wait_for()  # as the notebook means it
    page.keyboard.press("1")  # what the app made of it would reach the kernel before the next question does
    assert int(labkit.kernel(page, "print(len(app.decisions))")) == before + 1
    assert n_accepted(app) == accepted


def test_a_larger_table_is_usable_before_its_stages_are_over(lab, page, start):
    write_table(lab.root / "larger.parquet", 3000)
    start("larger")
    open_with(page, "larger.parquet")
    confirm(page, "larger.parquet")
    app = page.get_by_role("application", name="Labelscope explorer")
    page.wait_for_function("() => Number(document.querySelector('.ls-canvas')?.dataset.drawn) === 3000")
    app.get_by_role("listitem").first.wait_for()
    app.get_by_role("button", name="Accept", exact=True).click()
    app.get_by_role("status").filter(has_text="Accepted").wait_for()
    done = "() => window.jupyterapp.shell.currentWidget.content.node.querySelector('[role=status]').textContent.includes('Ready')"
    assert not page.evaluate(done), "the second map takes longest: a person does not wait for it"
    box = app.get_by_role("img", name="Map of 3,000 items").bounding_box()
    assert box["width"] > 300
    labkit.close(page)


def test_settings_take_effect_in_an_open_document_and_in_a_notebook(lab, page, notebook, screenshot):
    write_table(lab.root / "set.csv")
    notebook(SHOW.format("set.csv"))
    open_with(page, "set.csv")
    confirm(page, "set.csv")
    document = explorer(page)
    expect_hue(document, "rgb(66, 105, 208)")
    form = editor(page)
    form.locator("input[id$=plugin_keys_accept]").fill("y")
    form.get_by_label("Require a second key press").check()
    form.locator("select[id$=plugin_palette]").select_option(label="Okabe and Ito: for any colour vision")
    page.wait_for_function(
        "() => localStorage['labelscope.palette'] === '\"okabe-ito\"' && localStorage['labelscope.keys'] === '{\"accept\":\"y\"}'"
    )
    form.scroll_into_view_if_needed()
    screenshot(page.locator("#main"), "lab-settings")

    for ending in ("set.csv", ".ipynb"):
        bring(page, ending)
        app = page.get_by_role("application", name="Labelscope explorer").filter(visible=True)
        expect_hue(app, "rgb(0, 114, 178)")
        assert app.get_by_role("button", name="Accept", exact=True).locator("kbd").text_content() == "Y"
        app.get_by_role("listitem").first.locator(".ls-card-head").click()
        had = int(n_accepted(app))
        page.keyboard.press("a")  # now means nothing
        page.keyboard.press("y")
        app.get_by_role("status").filter(has_text="Press Y again to accept").wait_for()
        assert int(n_accepted(app)) == had
        page.keyboard.press("y")
        app.get_by_role("status").filter(has_text="Accepted").wait_for()
        assert int(n_accepted(app)) > had

    page.keyboard.press("?")  # what is changed in the help of an app is kept in the settings, and reaches the others
    help_ = app.get_by_role("dialog", name="Keys")
    help_.get_by_role("button", name="Key for Reject it").click()
    page.keyboard.press("x")
    help_.get_by_role("button", name="Key for Reject it: X").wait_for()
    page.keyboard.press("Escape")
    bring(page, "set.csv")
    assert document.get_by_role("button", name="Reject", exact=True).locator("kbd").text_content() == "X"
    keys = "async () => (await window.jupyterapp.serviceManager.settings.fetch('labelscope-lab:plugin')).raw.replace(/\\s/g, '')"
    page.wait_for_function(f'async () => /"accept":"y".*"reject":"x"/.test(await ({keys})())')

    form = editor(page)
    form.get_by_role("button", name="Restore to Defaults").click()
    page.wait_for_function("() => localStorage['labelscope.keys'] === '{}'")
    bring(page, "set.csv")
    assert document.get_by_role("button", name="Accept", exact=True).locator("kbd").text_content() == "A"
    expect_hue(document, "rgb(66, 105, 208)")
    labkit.close(page)


def test_the_settings_name_the_keys_that_the_help_names(lab, page, start):
    write_table(lab.root / "keys.jsonl", 60)
    start("keys")
    schema = page.evaluate("async () => (await window.jupyterapp.serviceManager.settings.fetch('labelscope-lab:plugin')).schema.properties")
    assert {"keys", "palette", "confirmDecisions", "confirmColumns", "shutdownOnClose", "recentTables"} <= set(schema)
    open_with(page, "keys.jsonl")
    confirm(page, "keys.jsonl")
    app = explorer(page)
    app.locator(".ls-card-head").first.click()
    page.keyboard.press("?")
    names = app.get_by_role("dialog", name="Keys").locator("[data-action]")
    shown = names.evaluate_all("all => all.map(one => [one.dataset.action, one.textContent.toLowerCase()])")
    assert dict(shown) == {action: of["default"] for action, of in schema["keys"]["properties"].items() if of["default"]}
    page.keyboard.press("Escape")
    labkit.close(page)


def test_a_saved_view_is_a_picture_without_its_kernel_and_live_with_it(lab, page, notebook, screenshot):
    code = (
        "import labelscope as ls\n"
        "app = ls.explore(ls.Dataset.from_arrays([[1, 0], [0, 1]] * 30, embeddings=[[k, -k] for k in range(60)]), ledger='dead.sqlite')\n"
        "app.wait(60)\napp"
    )
    name = notebook(code)
    page.get_by_role("application", name="Labelscope explorer").wait_for()
    labkit.command(page, "docmanager:save")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => null)")
    page.goto(lab.url(f"lab/workspaces/dead/tree/{name}"))
    picture = page.locator(".lsx-picture img").first
    picture.wait_for()
    page.locator(".lsx-picture").get_by_text("model not found").first.wait_for(state="attached")  # the live view was tried, unseen
    assert picture.is_visible()
    assert page.get_by_text("model not found").filter(visible=True).count() == 0
    screenshot(page.locator("#main"), "lab-dead")

    # from somebody else: not trusted, so nothing runs, and the picture is there with its words
    saved = json.loads((lab.root / name).read_text())
    saved["cells"][0]["source"] = [f"# another one\n{HOSTILE!r}\n"]
    saved["metadata"].pop("widgets", None)
    (lab.root / "untrusted.ipynb").write_text(json.dumps(saved))
    page.goto(lab.url("lab/workspaces/untrusted/tree/untrusted.ipynb"))
    picture.wait_for()
    page.wait_for_function(labkit.IDLE)  # from now on a view that may be live is
    assert picture.is_visible()
    assert page.locator(".lsx-picture").get_by_text("60 items × 2 labels").count() >= 1
    assert page.get_by_role("application", name="Labelscope explorer").count() == 0
    assert page.get_by_text("model not found").filter(visible=True).count() == 0
    assert page.evaluate("() => window.hacked") is None
