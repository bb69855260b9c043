"""A long line or cell takes no longer than its length: no pattern looks at the same blanks or marks again and again."""

from __future__ import annotations

import signal

import pytest

import labelscope as ls

N = 100_000
ARFF = "@relation x\n@attribute a {0,1}\n@attribute t string\n@data\n"
FILES = {
    "blanks in ARFF": (".arff", ARFF + "1," + " " * N + "x" + " " * N + "y,z\n", "expected 2 values a row"),
    "blanks between ARFF values": (".arff", ARFF + " " * N + "1" + " " * N + "x\n", "expected 2 values a row"),
    "quotes in ARFF": (".arff", ARFF + "1," + "'\\'," * N + "\n", "expected 2 values a row"),
    "many digits in the relation": (".arff", "@relation 'x: -C " + "9" * 5000 + "'\n@attribute a {0,1}\n@data\n1\n", "got 'labels'"),
    "colons in XMC": (".txt", "1 2 2\n1 " + "a:b" * N + " x\n", "got something else in line 2"),
    "blanks in XMC": (".txt", "1 2 2\n1" + " " * N + "x\n", "got something else in line 2"),
    "many digits in XMC": (".txt", "1 2 2\n" + "9" * 400 + " 1:1\n", "got something else in line 2"),
    "many digits at the head of XMC": (".txt", "9" * 5000 + " 2 2\n1 1:1\n", "got something else in line 1"),
    "blanks in a name": (".csv", "labels\n" + ("a" + " " * N + "b\n") * 3, None),
    "marks behind a name": (".csv", "labels\n" + ("a;b" + "." * N + "x\n") * 3, None),
    "line breaks behind a name": (".csv", "labels\n" + ("a;b" + "<br >" * N + "x\n") * 3, None),
}


@pytest.fixture
def alarm():
    """No file takes more than some seconds, in a process of which no line is Python's while a pattern looks."""

    def late(*_):
        raise TimeoutError("more than 20 s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm of the operating system")
@pytest.mark.parametrize("name", FILES)
def test_a_long_line_is_read_or_refused_soon(name, tmp_path, alarm):
    suffix, content, message = FILES[name]
    (tmp_path / f"t{suffix}").write_text(content)
    if message is None:
        assert ls.read(tmp_path / f"t{suffix}", labels="labels").n_items == 3
        return
    with pytest.raises(ls.DataError, match=message):
        ls.read(tmp_path / f"t{suffix}", labels="labels", format="xmc" if suffix == ".txt" else None)


def test_values_of_arff_keep_the_blanks_inside_them_and_lose_those_around(tmp_path):
    (tmp_path / "t.arff").write_text(ARFF + " 1 , two words  \n0,' quoted, too ' \n{0 1 , 1  a b }\n")
    ds = ls.read(tmp_path / "t.arff", labels=["a"])
    assert ds.items["t"].to_list() == ["two words", " quoted, too ", "a b"]
    assert ds.labels.dense()[:, 0].tolist() == [1, 0, 1]
