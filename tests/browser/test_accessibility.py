"""Accessibility, as far as it is measured: what axe-core finds, the contrast of every text in both themes, motion that stops."""

from __future__ import annotations

import labkit
import onscreen
import playkit
import pytest
import walks
from test_audit import DATA, SHOW, begin, judged, progress, says, shown

pytestmark = pytest.mark.browser

AA, AA_LARGE = 4.5, 3.0  # least contrast of text, WCAG 2.2, 1.4.3
POOR = """
([least, leastLarge]) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
    const ground = (element, known) => {  // what is behind the text of an element, and how opaque the element is
        if (!element) return [[255, 255, 255], 1];
        if (!known.has(element)) {
            const style = getComputedStyle(element);
            const [below, opacity] = ground(element.parentElement, known);
            const [r, g, b, a] = rgba(style.backgroundColor);
            known.set(element, [over([r, g, b, a * opacity * Number(style.opacity)], below), opacity * Number(style.opacity)]);
        }
        return known.get(element);
    };
    const light = rgb => {
        const [r, g, b] = rgb.map(value => value / 255).map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const known = new Map(), poor = new Map();
    let n = 0;
    const walk = document.createTreeWalker(document.querySelector('.ls-root'), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || element.closest('option, svg')) continue;
        if (!element.checkVisibility({ opacityProperty: true })) continue;
        if (element.closest(':disabled, [aria-disabled="true"], [aria-hidden="true"], .ls-busy')) continue;
        const style = getComputedStyle(element), size = parseFloat(style.fontSize);
        const [below, opacity] = ground(element, known);
        const [r, g, b, a] = rgba(style.color);
        const [x, y] = [light(over([r, g, b, a * opacity], below)), light(below)];
        const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        n++;
        if (ratio < (large ? leastLarge : least)) {
            const name = `${element.tagName.toLowerCase()}.${element.className} in ${element.parentElement.className}`;
            poor.set(name, `${ratio.toFixed(2)} ${walk.currentNode.data.trim().slice(0, 30)}`);
        }
    }
    return [n, [...poor].map(([name, words]) => `${name}: ${words}`)];
}
"""


@pytest.fixture
def app(notebook, page, request):
    notebook(DATA, SHOW.replace("LEDGER", f"{request.node.name}.sqlite"))
    return shown(page)


def themed(page, theme):
    labkit.change_theme(page, theme)
    page.wait_for_function("() => !document.getAnimations().some(one => document.querySelector('.ls-root').contains(one.effect?.target))")


def check(page, where):
    bad = []
    for theme in ("Dark", "Light"):
        themed(page, theme)
        bad += [f"{where}, {theme}: {words}" for words in labkit.serious_findings(page)]
        n, poor = page.evaluate(POOR, [AA, AA_LARGE])
        assert n > 40, where
        bad += [f"{where}, {theme}: {words}" for words in poor]
    return bad


def test_axe_finds_nothing_serious_and_every_text_in_sight_has_the_contrast_of_aa(app, page):
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for key, word in (("a", "Accepted"), ("r", "Rejected"), ("s", "Skipped")):
        page.keyboard.press(key)
        says(app, word)
    bad = check(page, "worklist and evidence")
    for view in ("Labels", "Co-occurrence", "Relations"):
        app.get_by_role("tab", name=view, exact=True).click()
        app.get_by_role("tabpanel", name=view).locator("button, rect, select").first.wait_for()
        bad += check(page, view)
    onscreen.panel(app, "Health").get_by_role("rowheader", name="Fine").wait_for()
    bad += check(page, "Health")
    app.get_by_role("button", name="Help").click()
    page.get_by_role("dialog", name="Keys").wait_for()
    bad += check(page, "help")
    page.keyboard.press("Escape")
    begin(app, 6)
    app.get_by_role("listitem").first.locator(".ls-card-head").click()
    for n, key in enumerate("yns", 1):
        page.keyboard.press(key)
        judged(app, f"{n} of 6 judged")
    progress(app).get_by_role("table", name="Wrong cells by kind").wait_for()
    bad += check(page, "audit")
    assert not bad, "\n".join(bad)


@pytest.fixture(scope="module")
def dataset():
    return walks.data_set()


def pictures(page, canvas, change) -> int:
    """How many different pictures the map shows until 30 frames of the page after another map is there."""
    before = int(canvas.get_attribute("data-frames"))
    change()
    return canvas.evaluate(
        """async (canvas, before) => {
            const seen = new Set();
            for (let left = 30; left; left -= Number(canvas.dataset.frames) > before) {
                await new Promise(requestAnimationFrame);
                seen.add(canvas.toDataURL());
            }
            return seen.size;
        }""",
        before,
    )


def test_nothing_moves_for_those_who_asked_for_that(page, session):
    explorer = playkit.Played(session)
    app = playkit.show(page, explorer)
    canvas = app.locator(".ls-canvas")
    probe = """() => {
        const root = document.querySelector('.ls-root');
        const made = ['ls-spinner', 'ls-skeleton', 'ls-dot ls-running', 'ls-button'].map(name => {
            const element = root.appendChild(document.createElement('i'));
            element.className = name;
            return element;
        });
        const seen = made.map(element => getComputedStyle(element)).map(style => [style.animationName, style.transitionDuration].join());
        made.forEach(element => element.remove());
        return seen.filter(words => words !== 'none,0s').length;
    }"""
    assert page.evaluate(probe) == 4
    assert pictures(page, canvas, lambda: explorer.take_map(session.first_map)) > 20  # one a frame
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(probe) == 0
    assert pictures(page, canvas, lambda: explorer.take_map(session.map)) < 10  # before, after, with other colours and names
    assert page.evaluate("() => document.getAnimations().length") == 0
