"""The view alone, with a model that is played by the test: what happens when the kernel is silent or a message is lost."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import msgspec
import pytest
from PIL import Image

import labelscope
from labelscope.explorer.replies.kinds import ANSWERED

pytestmark = pytest.mark.browser

STATIC = Path(labelscope.__file__).parent / "widgets" / "static"
MOUNT = """
async ({ code, css, traits, answers }) => {
    const style = document.createElement('style');
    style.textContent = css;
    document.head.append(style);
    const listeners = new Set();
    window.asked = [];
    window.answers = answers;
    window.push = message => listeners.forEach(listener => listener(message, []));
    const bytes = value => new DataView(Uint8Array.from(atob(value), c => c.charCodeAt(0)).buffer);
    const model = {
        get: name => name === '_poster' ? bytes(traits._poster) : traits[name],
        on: (_, listener) => listeners.add(listener),
        off: (_, listener) => listeners.delete(listener),
        send: ({ id, kind }) => {
            window.asked.push(kind);
            const body = answers[kind];
            if (body) setTimeout(() => window.push({ id, kind: 'reply', ok: true, version: 7, body }), 5);
        },
    };
    const module = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    window.unmount = module.default.render({ model, el: document.body });
}
"""
LOSE = """
state => {
    window.answers.state = { version: 12, body: state };
    window.push({ id: 'another view', kind: 'reply', ok: true, version: 12, body: {} });
}
"""
COUNTS = {
    "pending": 0,
    "accepted": 0,
    "rejected": 0,
    "skipped": 0,
    "all": 3,
    "conflicts": 0,
    "audit": 0,
    "judged": 0,
    "changed": 0,
    "agreed": 0,
    "label_next": None,
    "unlike": 0,
    "ask_next": None,
    "ambiguous": None,
    "unknown": 0,
    "sample": 0,
}
STATE = {
    "stages": [{"name": "first_map", "title": "First map", "status": "done", "done": 1, "error": ""}],
    "running": False,
    "versions": {"map": 0, "selection": 0, "worklist": 1, "decisions": 0, "pairs": 0, "voters": 0, "health": 0, "groups": 0},
    "method": "",
    "n_labels": 2,
    "counts": COUNTS,
    "selected": None,
    "filters": [],
}
ANSWERS = {
    "open": {
        "n_items": 3, "n_labels": 2, "labels": [], "image": False, "text": True, "export_path": "x.csv", "reviewer": "ann",
        "guessed": False, "colours": [], "judge": "",
    },
    "worklist": {"listing": "L1", "total": 0, "offset": 0, "entries": [], "counts": COUNTS, "decisions": 0},
    "state": {"version": 7, "body": STATE},
}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_is_played_is_what_a_kernel_answers(kind):
    msgspec.convert(ANSWERS[kind], ANSWERED[kind])


@pytest.fixture
def mount(page):
    if not (STATIC / "explorer.js").is_file():
        pytest.fail("the front end is not built: python extensions/build.py")

    def mount(answers, **traits):
        picture = io.BytesIO()
        Image.new("RGB", (8, 8), "#336699").save(picture, "PNG")
        traits = {"_title": "T", "_height": 500, "_summary": [], "_poster": base64.b64encode(picture.getvalue()).decode(), **traits}
        code, css = ((STATIC / f"explorer.{kind}").read_text() for kind in ("js", "css"))
        page.evaluate(MOUNT, {"code": code, "css": css, "traits": traits, "answers": answers})
        return page.get_by_role("application", name="Labelscope explorer")

    return mount


def test_without_a_kernel_the_saved_picture_is_shown(page, mount):
    page.clock.install()
    app = mount({}, _summary=["3 items × 2 labels"])
    page.clock.run_for(9000)
    app.get_by_role("img", name="3 items × 2 labels").wait_for()
    app.get_by_text("No kernel answers").wait_for()


def test_a_lost_state_is_asked_for(page, mount):
    app = mount(ANSWERS)
    app.get_by_role("status").filter(has_text="Ready").wait_for()
    decided = {**STATE, "counts": {**COUNTS, "accepted": 1234}, "versions": {**STATE["versions"], "decisions": 1234}}
    page.evaluate(LOSE, decided)  # a reply that knows of state 12, which never came
    app.get_by_role("tab", name="Accepted").filter(has_text="1,234").wait_for()
    page.evaluate("state => window.push({ kind: 'state', version: 10, body: state })", STATE)  # late: older than what is shown
    assert "1,234" in app.get_by_role("tab", name="Accepted").inner_text()


def test_the_system_s_dark_theme_is_used_outside_of_jupyterlab(page, mount, screenshot):
    page.emulate_media(color_scheme="dark")
    app = mount(ANSWERS)
    page.wait_for_function("() => document.querySelector('.ls-root').classList.contains('ls-dark')")
    screenshot(app, "outside-dark")
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => !document.querySelector('.ls-root').classList.contains('ls-dark')")


def test_nothing_is_left_behind(page, mount):
    page.clock.install()
    mount(ANSWERS)
    page.evaluate("() => { window.unmount(); window.asked.length = 0; }")
    page.clock.run_for(10_000)  # whatever still waits has its turn
    assert page.evaluate("() => [document.querySelectorAll('.ls-root').length, window.asked.length]") == [0, 0]
