# Two commands: `make demo` shows it, `make test` proves it. `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= demo
PORT ?= 8000
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help install setup test check format lint types contracts messages demo pictures spark lock bench clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 18

$(VENV)/run.stamp: requirements/build.txt requirements/base.txt pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" tools/setup.sh run

$(VENV)/dev.stamp: requirements/build.txt requirements/dev.txt pyproject.toml
	@PYTHON="$(PYTHON)" VENV="$(VENV)" tools/setup.sh dev

install: $(VENV)/run.stamp ## install the command karma into .venv/bin, for your own files or your own server
	@echo "It is there: $(CURDIR)/$(BIN)/karma. To type just karma in this shell: . $(BIN)/activate"

setup: $(VENV)/dev.stamp ## install everything that a developer needs into .venv

test: $(VENV)/dev.stamp ## run the tests; says what this machine lacks and how to include it
	$(BIN)/python -m pytest -q -n auto

format: $(VENV)/dev.stamp ## put the code in the house's layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/dev.stamp
	$(BIN)/mypy

contracts: $(VENV)/dev.stamp
	$(BIN)/lint-imports --no-logo

check: lint types contracts test ## everything that must be green before a change lands

demo: $(VENV)/run.stamp ## show the invented company in the browser, on http://127.0.0.1:8000 (PORT=N)
	$(BIN)/karma demo "$(OUT)" --port $(PORT)

pictures: $(VENV)/dev.stamp ## draw the documentation's pictures anew
	PATH="$(CURDIR)/$(BIN):$$PATH" tools/pictures.sh

spark: $(VENV)/run.stamp ## add what Delta tables and a Spark of your own need
	@PYTHON="$(PYTHON)" VENV="$(VENV)" tools/setup.sh spark

lock: ## write the hashed requirements again (needs uv)
	tools/lock.sh

clean: ## remove what was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis mutants
