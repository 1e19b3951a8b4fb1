# Two commands on a bare machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := $(shell find server registry schemas -name '*.py' -o -name '*.json' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.po')

.DEFAULT_GOAL := help
.PHONY: help install demo serve check audit test soak bench docs lock clean

help: ## cette liste
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

$(VENV)/provider.stamp: $(VENV)/test.stamp tests/oidc/package-lock.json
	@if command -v npm >/dev/null; then cd tests/oidc && npm ci --silent --no-audit --no-fund; \
		else echo "Sans npm (Debian : apt-get install nodejs npm), la connexion OpenID n'est pas testée." >&2; fi
	@touch $@

$(VENV)/check.stamp: $(VENV)/test.stamp requirements/check.txt
	@$(PIP) install --require-hashes -r requirements/check.txt
	@touch $@

install: $(VENV)/runtime.stamp ## la commande, dans .venv/bin/ecluse

demo: install ## la convention de référence et ses exemples, prêts à essayer (PORT=8000)
	$(BIN)/ecluse demo --port $(PORT)

serve: install ## servir l'installation de ECLUSE_HOME (PORT=8000)
	$(BIN)/ecluse serve --port $(PORT)

check: $(VENV)/check.stamp ## style, types, sens des imports, dépendances fixées
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python requirements/audit.py

audit: $(VENV)/python.stamp ## failles connues des dépendances, demandées à un service extérieur
	@$(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip --quiet install pip-audit
	$(VENV)/audit/bin/pip-audit --requirement requirements/runtime.txt --require-hashes --disable-pip

test: $(VENV)/provider.stamp ## tous les tests, sur SQLite et sur PostgreSQL
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

soak: $(VENV)/test.stamp ## versions longues des tests de coupure et de propriété
	$(BIN)/python -m pytest -m soak

bench: $(VENV)/test.stamp ## mesures, en rapports dans une même exécution
	$(BIN)/python -m benchmarks

docs: install ## les pages de docs/ tirées du catalogue et de la table des droits
	$(BIN)/ecluse checks page > docs/checks.md
	$(BIN)/ecluse rights page > docs/authorisation.md

lock: $(VENV)/python.stamp ## fixer à nouveau chaque dépendance, avec empreintes et sans adresse
	@$(PIP) install uv
	@for group in runtime test check build; do sh requirements/compile $(BIN)/uv $$group; done

clean: ## retirer ce que make a fait
	rm -rf $(VENV) build *.egg-info var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
