# `make` prints this list. The two commands of the README are `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
DATA ?= $(or $(TAMNA_SHARED_DATA),../shared/data)

.DEFAULT_GOAL := help
.PHONY: help env demo test check format lint types contracts messages docs picture lock size bench clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "make %-10s %s\n", $$1, $$2}'

$(VENV)/.base: requirements/base.lock pyproject.toml tools/build_messages.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

env: $(VENV)/.dev messages  ## make the environment (done by the others when needed)

messages: $(VENV)/.base
	@$(BIN)/python tools/build_messages.py

demo: $(VENV)/.base messages  ## the main job, offline, on a synthetic typical Jeju year
	$(BIN)/python -m tamna demo --out runs/demo

test: env  ## every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: format lint types contracts test  ## exactly what CI runs

format: env
	$(BIN)/ruff format --check src tests tools benchmarks

lint: env
	$(BIN)/ruff check src tests tools benchmarks

types: env
	$(BIN)/mypy

contracts: env
	$(BIN)/lint-imports

docs: env  ## make the pages of docs/ that come from the code
	$(BIN)/python tools/docs.py

picture: env  ## draw the README's picture of 14 April 2025 from the shared public files
	$(BIN)/python tools/day_picture.py $(DATA) 2025-04-14 docs/images/2025-04-14.png

lock: env  ## pin the dependencies again (needs the network)
	$(BIN)/python -m pip install --quiet uv
	tools/lock.sh

size:  ## count what the base install weighs, in a fresh environment
	tools/size.sh $(PYTHON)

bench: env  ## the benchmarks, as ratios against a named peer in the same run
	$(BIN)/python -m benchmarks.measure

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis runs
