"""What the command line writes on a terminal."""

from __future__ import annotations

import pytest

from labelscope.cli.console import say, spelled


def test_control_characters_from_data_are_written_out(capsys):
    say("label '\x1b]0;owned\x07\x9b2J\u2028' [bold]\nnext\tline")
    told = capsys.readouterr().err
    assert r"label '\x1b]0;owned\x07\x9b2J\u2028' [bold]" in told
    assert "next" in told
    assert not set(told) & {"\x1b", "\x07", "\x9b", "\u2028"}


@pytest.mark.parametrize("text", ["plain", "é\xa0\u3000日本\N{PILE OF POO}", "two\nlines\twide"])
def test_other_text_stays(text):
    assert spelled(text) == text
