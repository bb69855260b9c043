"""What must not stand in the sources: prints, code that runs data, HTML made of data, hosts, large files."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted((ROOT / "labelscope").rglob("*.py"))
SCRIPTS = sorted(
    path for path in (ROOT / "extensions").rglob("*.ts*") if path.suffix in {".ts", ".tsx"} and "node_modules" not in path.parts
)
RUNS_CODE = {"eval", "exec", "compile", "__import__", "print", "breakpoint"}
HTML_SINKS = re.compile(
    r"\b(innerHTML|outerHTML|dangerouslySetInnerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|eval)\b"
)
HOSTS = re.compile(r"(cdn\.|unpkg|jsdelivr|cdnjs|googleapis|cloudflare|esm\.sh|skypack)", re.IGNORECASE)
KNOWN_URLS = ("http://www.w3.org/",)  # names of XML vocabularies, never fetched
LIMIT = 1 << 20
WIDEST = 120  # characters of a line of TypeScript


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_python_neither_prints_nor_runs_data(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert calls(tree) & RUNS_CODE == set()
    assert imports(tree) & {"pickle", "cloudpickle", "marshal", "shelve", "joblib"} == set()
    text = path.read_text(encoding="utf-8")
    assert "allow_pickle=True" not in text
    assert "shell=True" not in text


ONE_OF_ALL_TYPES = re.compile(r"\.schema(\[|\.get\()")


@pytest.mark.parametrize("path", [path for path in PYTHON if path.is_relative_to(ROOT / "labelscope")], ids=name)
def test_the_type_of_a_column_is_asked_of_the_column(path):
    """``frame.schema`` makes the types of all columns: asked for one after the other, the work grows with their square."""
    assert ONE_OF_ALL_TYPES.findall(path.read_text(encoding="utf-8")) == []


READERS = [path for path in PYTHON if "data" in path.relative_to(ROOT).parts]
CHOICES = re.compile(r"""expected (one of|["']|at least|a folder or)""")


@pytest.mark.parametrize("path", READERS, ids=name)
def test_refusals_of_the_readers_say_what_to_do(path):
    raised = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call) and node.args]
    lines = [ast.unparse(node.args[0]) for node in raised if isinstance(node.func, ast.Name) and node.func.id == "DataError"]
    assert [line for line in lines if ", got " in line and "; " not in line and not CHOICES.search(line)] == []


def test_there_are_scripts():
    assert SCRIPTS


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_make_no_html_of_text(path):
    code = re.sub(r"//.*|/\*[\s\S]*?\*/", "", path.read_text(encoding="utf-8"))
    assert HTML_SINKS.findall(code) == []


def test_no_line_of_a_script_is_too_long():
    lines = {f"{name(path)}:{at}": line for path in SCRIPTS for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)}
    assert [where for where, line in lines.items() if len(line) > WIDEST] == []


@pytest.mark.parametrize("lock", sorted((ROOT / "extensions").glob("*/package-lock.json")), ids=name)
def test_lock_files_name_no_registry(lock):
    assert "resolved" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*PYTHON, *SCRIPTS], ids=name)
def test_no_foreign_host(path):
    text = path.read_text(encoding="utf-8")
    assert HOSTS.findall(text) == []
    if path in SCRIPTS:
        urls = re.findall(r"[\"'`](https?://[^\"'`]*)", text)
        assert [url for url in urls if not url.startswith(KNOWN_URLS)] == []


def test_no_large_file_is_tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("needs the git repository")
    paths = [ROOT / path for path in listed.stdout.split("\0") if path]
    assert [name(path) for path in paths if path.is_file() and path.stat().st_size > LIMIT] == []
