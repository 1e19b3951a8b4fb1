# Two commands on a bare machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := $(shell find server registry schemas -name '*.py' -o -name '*.json' -o -name '*.html' -o -name '*.css')

.DEFAULT_GOAL := help
.PHONY: help install demo serve check test soak bench docs lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Écluse demande Python 3.11 ou plus récent (PYTHON=/chemin/de/python3 make …)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Le module venv de Python manque (Debian : apt-get install python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/runtime.stamp: $(VENV)/python.stamp requirements/runtime.txt pyproject.toml
	@echo "Installation dans $(VENV)…"
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/runtime.stamp requirements/test.txt
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/check.stamp: $(VENV)/test.stamp requirements/check.txt
	@$(PIP) install --require-hashes -r requirements/check.txt
	@touch $@

install: $(VENV)/runtime.stamp ## the command, in .venv/bin/ecluse

demo: install ## the reference convention and its examples, ready to try
	$(BIN)/ecluse demo

serve: install ## serve the installation of ECLUSE_HOME
	$(BIN)/ecluse serve

check: $(VENV)/check.stamp ## linters, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/test.stamp ## every test, on SQLite and PostgreSQL
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

soak: $(VENV)/test.stamp ## the long versions of the crash and property tests
	$(BIN)/python -m pytest -m soak

bench: $(VENV)/test.stamp ## figures, as ratios measured in one run
	$(BIN)/python -m benchmarks

docs: install ## the pages of docs/ that are made from the catalogue
	$(BIN)/ecluse checks page > docs/checks.md

lock: $(VENV)/python.stamp ## pin every dependency again, with hashes and without addresses
	@$(PIP) install uv
	@for group in runtime test check build; do sh requirements/compile $(BIN)/uv $$group; done

clean: ## remove what make made
	rm -rf $(VENV) build *.egg-info var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
