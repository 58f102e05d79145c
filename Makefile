# `make up` and `make test` set up everything they need; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup up down preview status organisation test check bench lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## create .venv and install the locked requirements

$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@echo "installing requirements.txt into $(VENV) ..."
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

up: setup  ## deploy the example organisation on the local cloud and send real data through it
	@$(BIN)/python -m localcloud up

down: setup  ## destroy the stacks and stop the local cloud
	@$(BIN)/python -m localcloud down

preview: setup  ## preview every stack with the policy pack
	@$(BIN)/python -m localcloud preview

status: setup  ## what is running, and where
	@$(BIN)/python -m localcloud status

organisation: setup  ## tell the policy pack what stacks/organisation.yaml says
	@$(BIN)/python -m stacks guardrails

test: setup  ## run all tests
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: setup  ## ruff and mypy --strict
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: setup  ## print the figures the README quotes
	@$(BIN)/python -m benchmarks

lock:  ## resolve requirements.in into requirements.txt (needs uv)
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
		requirements.in -o requirements.txt

clean:  ## remove everything that make created; a local cloud ends with its directory
	rm -rf $(VENV) .localcloud .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
