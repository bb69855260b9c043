"""One name of a class for one thing: what lifts an element out of its place would lift every other element of that name."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "extensions" / "widgets" / "src"
ONE_THING = {"ls-root", "ls-view-tools"}  # the app itself, and the row of tools above a view
SHARED = {"ls-focus"}  # focus mode and grid mode cover the app in the same way


def test_a_class_that_lifts_an_element_out_of_its_place_is_of_one_component():
    styles = "".join(path.read_text("utf-8") for path in sorted(SOURCES.glob("*.css")))
    code = {path.name: path.read_text("utf-8") for path in sorted(SOURCES.rglob("*.ts*"))}
    lifted = [name for name, body in re.findall(r"^  \.(ls-[\w-]+) \{([^}]*)\}", styles, re.MULTILINE) if "position: absolute" in body]
    assert len(lifted) > 10
    used = {name: [file for file, text in code.items() if re.search(rf"(?<![\w-]){name}(?![\w-])", text)] for name in lifted}
    assert {name: files for name, files in used.items() if len(files) != 1 and name not in SHARED} == {}


def test_a_class_that_several_components_use_is_styled_in_one_section():
    """Rules of two sections for one name mean two things by it, and each would change the look of the other."""
    code = {path.name: path.read_text("utf-8") for path in sorted(SOURCES.rglob("*.ts*"))}
    sections: dict[tuple[str, str], set[str]] = {}
    for path in sorted(SOURCES.glob("*.css")):
        for part in re.split(r"^ */\* ", path.read_text("utf-8"), flags=re.MULTILINE):
            for name in re.findall(r"^  \.(ls-[\w-]+)", part, re.MULTILINE):
                sections.setdefault((path.name, name), set()).add(part.partition("*/")[0].strip())
    assert len(sections) > 200
    twice = {name for (_, name), where in sections.items() if len(where) > 1} - ONE_THING
    used = {name: [file for file, text in code.items() if re.search(rf"(?<![\w-]){name}(?![\w-])", text)] for name in twice}
    assert {name: files for name, files in used.items() if len(files) > 1} == {}
