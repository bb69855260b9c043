"""HTML from templates, which escape whatever comes in; what was made here is HTML already and is not escaped again. By Jinja2."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

__all__ = ["Html", "pieces", "render"]

Html = Markup
TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, folder: Path = TEMPLATES, /, **values: Any) -> Html:
    """A template, filled in.

    Parameters
    ----------
    template : str
        Name of its file.
    folder : Path
        Where it is looked for, and then among the templates of the views.
    **values
        What it asks for. Text in them is escaped, :class:`Html` is not.
    """
    return Html(_environment(folder).get_template(template).render(values))


@cache
def pieces(template: str, folder: Path = TEMPLATES) -> Any:
    """The macros of a template, by their names."""
    return _environment(folder).get_template(template).module


@cache
def _environment(folder: Path) -> Environment:
    places = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(TEMPLATES)])
    made = Environment(loader=places, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals["zip"] = zip
    return made
