# The way into Limber. `make` alone lists what it does; Python 3.11 or newer, make and the package index are enough.

PYTHON ?= python3
PYTEST_ARGS ?=
UPGRADE ?=

VENV := .venv
RUN_TIME := $(VENV)/.run-time
DEVELOPMENT := $(VENV)/.development
SOURCES := api data schemas tests
LIMBER := $(VENV)/bin/python -m api
# What the machine exports for its own Python must not leak into the environment.
export PYTHONPATH :=
export PYTHONHOME :=
# Without compiled modules every start of the server takes a third of a second more.
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test soak check format bench evaluate openapi lock clean

help: ## Say what there is to do
	@echo "Limber: an open backend for stretching, mobility and rehab apps"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Another Python: make run PYTHON=python3.12        Some tests: make test PYTEST_ARGS='tests/rules -x'"

run: $(RUN_TIME) ## Make the environment, migrate, load the catalogue and serve on port 8000
	$(LIMBER) migrate
	$(LIMBER) load-catalog
	$(LIMBER) serve

test: $(DEVELOPMENT) ## Make the environment and run the whole suite, on SQLite and on PostgreSQL
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

soak: $(DEVELOPMENT) ## Run the tests of endurance at their full figures and write tests/SOAK.md
	LIMBER_SOAK=1 $(VENV)/bin/python -m pytest -n 0 -m endurance $(PYTEST_ARGS)

check: $(DEVELOPMENT) ## Format, lint, types, layers, contract, migrations, catalogue
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy --strict schemas data api
	$(VENV)/bin/lint-imports
	$(LIMBER) openapi | diff -u openapi.json - || { echo "the contract changed: read the diff, then make openapi"; exit 1; }
	$(VENV)/bin/python -m pytest tests/house/test_migrations.py -k "one_head or model_diff"
	$(LIMBER) load-catalog --check

format: $(DEVELOPMENT) ## Format the code and mend what the linter can mend
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: $(DEVELOPMENT) ## Measure reads, writes and recommendations beside bare servers, in ratios
	$(VENV)/bin/python tests/bench/run.py

evaluate: $(DEVELOPMENT) ## Print how well every evaluation set is read today, and write the first runs into the README
	$(VENV)/bin/python tests/evaluation/report.py

openapi: $(RUN_TIME) ## Write the contract, openapi.json, from the code
	$(LIMBER) openapi > openapi.json.new
	mv openapi.json.new openapi.json

lock: ## Write the lock files from pyproject.toml; UPGRADE=--upgrade takes the newest versions
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PYTHON) -m venv "$$tools" && "$$tools/bin/pip" install -q uv==0.13.8 && \
	compile="$$tools/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header $(UPGRADE) pyproject.toml" && \
	$$compile -o requirements.lock && \
	$$compile --extra dev --constraints requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and every cache; var/ with the data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis openapi.json.new
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Limber needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(RUN_TIME): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install -q --require-hashes -r requirements.lock
	@touch $@

$(DEVELOPMENT): requirements-dev.lock $(RUN_TIME)
	$(VENV)/bin/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@
