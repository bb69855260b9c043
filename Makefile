# labelscope. `make help` lists the commands; each prepares what it needs, so any of them may be the first one typed.
# Written for GNU make 3.81 (macOS) and later, and for any POSIX shell.

VENV ?= .venv
MINIMUM ?= .venv-minimum
OUT ?= demo-out
PYTHON ?=
PYTEST_ARGS ?=
# Each process of the tests has a JupyterLab, a Chromium and a PostgreSQL of its own: more than four need a lot of memory.
WORKERS ?= logical

BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt
PACKAGE := $(wildcard labelscope/*.py labelscope/*/*.py labelscope/*/*/*.py)
FRONT_END := $(wildcard extensions/build.py extensions/widgets/*.json extensions/widgets/src/* extensions/widgets/src/*/* \
	extensions/lab/*.json extensions/lab/src/* extensions/lab/style/* extensions/lab/schema/*)
QUICKSTART := notebooks/00_quickstart.ipynb

.DEFAULT_GOAL := help
.PHONY: help demo lab test test-minimum lint notebooks docs bench clean distclean
.SUFFIXES:

help:
	@echo "make demo       install into $(VENV), run everything on the synthetic demo data, write $(OUT)/"
	@echo "make lab        open JupyterLab on the quickstart notebook"
	@echo "make test       install what the tests need, a Chromium and a PostgreSQL included, and run all tests"
	@echo "make test-minimum  the unit tests with the lowest versions that pyproject.toml allows, in $(MINIMUM)"
	@echo "make lint       ruff, mypy, import-linter; prettier, tsc and eslint for the front end"
	@echo "make notebooks  execute the notebooks and keep their outputs"
	@echo "make docs       the documentation pages, in build/site"
	@echo "make bench      the comparisons in benchmarks/"
	@echo "make clean      remove what was built and made; make distclean: $(VENV) as well"
	@echo
	@echo "PYTHON=python3.12 chooses the interpreter, PYTEST_ARGS='-k ledger' some tests, WORKERS=0 in one process."

demo: $(OUT)/.made
	@echo
	@echo "$(OUT)/ holds (all of it synthetic):"
	@cd $(OUT) && find . -type f ! -name '.*' ! -path '*/.*' | sort | sed 's|^\./|  |'
	@echo
	@echo "How to go on:"
	@echo "  make lab                                  JupyterLab on the quickstart"
	@echo "  $(BIN)/labelscope scan --help             the same on a table of yours"
	@echo "  open the report.html above in a browser   it needs no network"

$(OUT)/.made: $(VENV)/.installed $(PACKAGE)
	$(BIN)/labelscope demo --out $(OUT)
	@touch $@

lab: $(VENV)/.installed
	$(BIN)/python -m jupyterlab $(QUICKSTART) $$(if [ "$$(id -u)" = 0 ]; then echo --allow-root; fi)

test: $(VENV)/.dev $(VENV)/.browser $(VENV)/.postgres
	$(BIN)/python extensions/build.py tools
	LABELSCOPE_REQUIRE_BROWSER=1 LABELSCOPE_CHROMIUM="$$(cat $(VENV)/.browser)" LABELSCOPE_POSTGRES="$$(cat $(VENV)/.postgres)" \
	  $(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=worksteal $(PYTEST_ARGS)

test-minimum: $(MINIMUM)/.lowest $(VENV)/.dev
	$(MINIMUM)/bin/python -m pytest tests/unit $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python extensions/build.py lint

notebooks: $(VENV)/.dev
	rm -rf notebooks/*.labelscope
	$(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.store_widget_state=False \
	  --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "open build/site/index.html; it needs no network"

bench: $(VENV)/.dev
	@for comparison in benchmarks/*.py; do echo "$$comparison"; $(BIN)/python "$$comparison" || exit 1; done

clean:
	rm -rf build dist labelscope/widgets/static/explorer.js labelscope/widgets/static/explorer.css labelscope/widgets/static/published.js
	rm -rf extensions/lab/lib extensions/lab/labextension
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/browser/screenshots
	rm -f $(VENV)/.installed $(VENV)/.dev $(VENV)/.docs
	if [ -f $(OUT)/.made ]; then rm -rf $(OUT); fi

distclean: clean
	rm -rf $(VENV) $(MINIMUM) extensions/widgets/node_modules extensions/lab/node_modules

# The first Python of these that is new enough and can make an environment. Debian splits that part off.
$(BIN)/python:
	@old=; for python in $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python3.10); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 || continue; \
	  if "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "environment: $(VENV), $$($$python --version)"; exec "$$python" -m venv $(VENV); fi; \
	  old="$$python"; \
	done; \
	if [ -n "$$old" ]; then echo "make: $$old cannot make an environment; on Debian: sudo apt-get install python3-venv" >&2; \
	else echo "make: expected Python 3.10 or later, found none; install one, or name it: make PYTHON=/path/to/python3" >&2; fi; \
	exit 1

$(VENV)/.installed: pyproject.toml constraints.txt $(FRONT_END) | $(BIN)/python
	@echo "installing labelscope and building its front end: a few minutes the first time"
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(FRONT_END) | $(BIN)/python
	@echo "installing labelscope, its front end and the test tools: a few minutes the first time"
	$(PIP) --editable ".[dev]"
	@touch $@ $(VENV)/.installed

# No constraints here: they pin what is newest. The front end comes from $(VENV), the package from this folder.
$(MINIMUM)/.lowest: pyproject.toml | $(BIN)/python
	@echo "installing the lowest versions: some gigabytes, mostly of torch"
	$(BIN)/python -m venv --clear $(MINIMUM)
	$(MINIMUM)/bin/python -m pip install --quiet uv
	$(MINIMUM)/bin/python -m uv pip install --quiet --python $(MINIMUM)/bin/python --resolution lowest-direct -r pyproject.toml --extra dev
	@touch $@

$(VENV)/.docs: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing what builds the pages"
	$(PIP) mkdocs-material mkdocstrings-python
	@touch $@

$(VENV)/.browser: .ci/browser | $(VENV)/.dev
	.ci/browser $(BIN)/python > $@.part
	@mv $@.part $@

$(VENV)/.postgres: .ci/postgres | $(BIN)/python
	.ci/postgres > $@.part
	@mv $@.part $@
