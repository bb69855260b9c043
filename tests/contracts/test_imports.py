"""Who may import whom, and that `import labelscope` stays light."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages

import grimp
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

import labelscope
from labelscope.data.results import Result
from labelscope.views import registry

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "labelscope"
TABLES = {
    "Audit",
    "Carried",
    "EqualRows",
    "Health",
    "Inspection",
    "Join",
    "LabelCount",
    "LabelEdits",
    "LabelSplits",
    "NameRelations",
    "NutritionLabel",
    "PersonalData",
    "Queue",
}  # results without a figure
HEAVY = ("torch", "umap", "numba", "pynndescent", "plotly", "ipywidgets", "anywidget", "dask", "sklearn", "pandas", "sqlalchemy")
IMPORT = """
import json, sys, time
start = time.perf_counter()
import labelscope
seconds = time.perf_counter() - start
print(json.dumps([seconds, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_layers():
    run("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")


def test_no_circle_of_imports():
    graph = grimp.build_graph("labelscope", exclude_type_checking_imports=True, cache_dir=None)
    modules = sorted(graph.modules)
    place = {module: k for k, module in enumerate(modules)}
    pairs = np.array([(place[m], place[other]) for m in modules for other in graph.find_modules_directly_imported_by(m)])
    matrix = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(modules),) * 2)
    n, group = connected_components(matrix, directed=True, connection="strong")
    circles = [[m for m in modules if group[place[m]] == k] for k in range(n) if (group == k).sum() > 1]
    assert not circles


def test_no_module_of_ours_is_imported_by_its_name():
    """The layers are checked on imports; a name in a string would slip through. The facade and the worker's start are entry points."""
    found = {
        (path.relative_to(PACKAGE).as_posix(), text)
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in _strings(ast.parse(path.read_text()))
        if re.fullmatch(r"labelscope(\.\w+)+(:\w+)?", text) and find_spec(text.partition(":")[0]) is not None
    }
    assert found <= {
        ("__init__.py", "labelscope.views.registry"),
        ("stages/cache_warmup.py", "labelscope.stages.warmup_worker"),
    }


def test_import_module_is_called_by_the_facade_and_for_optional_packages_alone():
    callers = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Name, ast.Attribute)) and getattr(node, "id", getattr(node, "attr", "")) in {"import_module", "__import__"}
    }
    assert callers == {"__init__.py", "data/formats/packed.py", "space/optional_packages.py"}


def test_torch_is_imported_inside_functions_wherever_no_model_is_trained():
    eager = {
        path.relative_to(PACKAGE).parts[0]
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if (isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == "torch" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "torch")
    }
    assert eager == {"models"}


def test_the_widget_stays_small():
    """State, requests and page data belong to the explorer, which is tested without a browser."""
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (PACKAGE / "widgets").glob("*.py"))
    assert lines <= 1000


def _strings(tree: ast.Module):
    """The strings of a module that are no docstrings."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def _results(base: type[Result] = Result) -> list[type[Result]]:
    return [kind for sub in base.__subclasses__() if sub.__module__.startswith("labelscope.") for kind in (sub, *_results(sub))]


def test_every_result_is_drawn_or_is_a_table_on_purpose():
    for package in ("data", "stats", "space", "models", "issues", "audit", "suggest", "explain", "export", "review"):
        for module in walk_packages([str(PACKAGE / package)], f"labelscope.{package}."):
            import_module(module.name)
    plain = registry.figure.dispatch(object)
    assert {kind.__name__ for kind in _results() if registry.figure.dispatch(kind) is plain} == TABLES


def test_import_is_light_and_quick():
    runs = [json.loads(run("-c", IMPORT)) for _ in range(5)]
    loaded = set(runs[0][1])
    assert "labelscope" in loaded
    assert not loaded & set(HEAVY)
    assert min(seconds for seconds, _ in runs) < 0.3


def test_command_line_help_loads_nothing_heavy():
    loaded = run("-c", "import sys, labelscope.cli.app; print(*sorted({n.partition('.')[0] for n in sys.modules}))").split()
    assert not set(loaded) & {"torch", "umap", "numba", "plotly", "ipywidgets", "dask", "sklearn"}


def test_every_public_name_resolves():
    for name in labelscope.__all__:
        assert getattr(labelscope, name).__name__ == name
    assert set(labelscope.__all__) < set(dir(labelscope))


def test_a_package_does_not_hide_the_function_of_the_same_name():
    run("-c", "import labelscope, labelscope.explain; from labelscope.suggest.relabel import suggest; assert labelscope.suggest is suggest")
    run("-c", "import labelscope as ls, labelscope.suggest, labelscope.explain; assert callable(ls.suggest) and callable(ls.explain)")


def test_the_contract_is_public():
    contract = {
        "Dataset", "read", "predict", "score_cells", "score_items", "find_issues", "suggest", "pseudo_label", "explain",
        "long_tail", "cooccurrence", "relations", "embedding_map", "explore",
    }  # fmt: skip
    assert contract <= set(labelscope.__all__)
