# Everything a person or CI types. `make help` lists it.
PYTHON ?= python3
PORT ?= 8080
DATA ?= ./data
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help

.PHONY: help install run test lint bench features openapi lock web browsers clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: .venv/ready web  ## Install AutoGraph into .venv and build the page

run: install  ## Install what is missing, then start AutoGraph (PORT=8080 DATA=./data)
	@AUTOGRAPH_PORT=$(PORT) AUTOGRAPH_DATA=$(DATA) exec $(BIN)/autograph up

test: install .venv/ready-for-tests browsers lint  ## Install what tests need, then run all of them
	@$(BIN)/python web/build.py test
	@$(PYTEST)

lint: .venv/ready-for-tests  ## Style, types and the walls between rooms
	@$(BIN)/ruff check src tests
	@$(BIN)/ruff format --check src tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install .venv/ready-for-tests  ## Measure: requests, drawing, reading, watching (AUTOGRAPH_BENCH_* name inputs)
	@$(BIN)/python -m tests.bench

features: .venv/ready-for-tests  ## Which promises of features.toml have passing tests, and which have none
	@$(PYTEST) -p tests.features

openapi: .venv/ready  ## Write docs/reference from the code, and the page's API types from it
	@$(BIN)/python -m autograph.server.reference docs/reference
	@$(BIN)/python web/build.py api

lock: .venv/ready-for-tests  ## Resolve the requirements anew and write the lock files
	@$(BIN)/python -m tests.lock

web: .venv/ready
	@$(BIN)/python web/build.py

browsers: .venv/ready-for-tests
	@$(BIN)/python -m tests.servers.chromium
	@$(BIN)/python -m tests.servers.promtool

clean:  ## Remove what make has installed and built (never ./data)
	@rm -rf .venv .tools web/node_modules src/autograph/gateway/static src/autograph/export/assets
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "AutoGraph needs Python 3.11 or newer as '$(PYTHON)'. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; \
		else echo "Python's venv module is missing. Install it (Debian, Ubuntu: sudo apt install python3-venv), then run make again."; exit 1; fi; }

.venv/ready: .venv/bin/python requirements/run.lock requirements/build.lock pyproject.toml
	@echo "Installing AutoGraph"
	@$(PIP) install --require-hashes -r requirements/run.lock
	@$(PIP) install --require-hashes -r requirements/build.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-for-tests: .venv/ready requirements/test.lock
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements/test.lock
	@touch $@
