# Every verb sets up what it needs. Only Python 3.11 - 3.13 and a C library must be there.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

HOME_DIR ?= var
SCALE    ?= 0.001
SEED     ?= 1
DELIVERY ?=
REGISTER ?=
# The first Python that really runs, is of a version the locked packages have, and can make environments.
FITS     := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON   ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
                "$$p" -c "$(FITS)" >/dev/null 2>&1 && command -v "$$p" && break; done)
BIN      := .venv/bin
export DAGSTER_DISABLE_TELEMETRY := yes
export GX_ANALYTICS_ENABLED := false
# Kept, whatever the environment says: without its bytecode every process compiles thousands of modules anew.
unexport PYTHONDONTWRITEBYTECODE
LOCKED   := --constraint requirements.lock --require-hashes --requirement pyproject.toml

.PHONY: help setup run test check dev bench bench-import bench-cleansing bench-days bench-figures bench-register chaos docs fix

help:  ## Say what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile
	@printf '\n  make run SCALE=0.001 SEED=1 HOME_DIR=var   a synthetic country of that size\n'
	@printf '  make run DELIVERY=<bag> REGISTER=<url>     a delivery of your own\n'

$(BIN)/uv: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 - 3.13 with venv is needed and was not found; install it, or say PYTHON=<path>."; exit 2; }
	@"$(PYTHON)" -c "$(FITS)" || { echo "$(PYTHON) is not Python 3.11 - 3.13 with venv; say PYTHON=<path>."; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	@sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .venv/uv.txt
	@touch $@

.venv/.run: $(BIN)/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python $(LOCKED) --extra setup
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python $(LOCKED) --all-extras
	@touch $@

setup: .venv/.run  ## Install what a run needs into .venv, and parse the dbt project
	@$(BIN)/tiemchung prepare --home "$(HOME_DIR)"

run: .venv/.run  ## The main job: from a sealed delivery to a traced report
	@$(BIN)/tiemchung run --home "$(HOME_DIR)" --scale $(SCALE) --seed $(SEED) $(if $(DELIVERY),--delivery "$(DELIVERY)") $(if $(REGISTER),--register "$(REGISTER)")

dev: .venv/.run  ## Dagster's UI on the runs of HOME_DIR
	@$(BIN)/tiemchung dev --home "$(HOME_DIR)"

test: .venv/.test setup  ## All tests
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

check: .venv/.test setup  ## Style, types, import law, definitions, generated pages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfmt --check --quiet dbt_project
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/dg check defs
	@$(BIN)/python docs/generate.py --check

bench: .venv/.test setup  ## Measure the bulk paths; tables go to var/bench
	@$(BIN)/python -m tests.bench

bench-import: .venv/.test setup  ## Measure the import of a dump beside PostgreSQL's own restore (SCALE=0.05)
	@$(BIN)/python -m tests.bench.imports --scale $(if $(filter file,$(origin SCALE)),0.05,$(SCALE))

bench-cleansing: .venv/.test setup  ## Measure cleansing as the country grows, beside PostgreSQL and Splink (SIZES=1000000,3000000)
	@$(BIN)/python -m tests.bench.cleansing $(if $(SIZES),--sizes $(SIZES))

bench-figures: .venv/.test setup  ## Measure counting, breaking down and tracing figures of a finished home (HOME_DIR=./var SIZES=1000000,10000000)
	@$(BIN)/python -m tests.bench.figures --home $(HOME_DIR) $(if $(SIZES),--sizes $(SIZES))

bench-register: .venv/.test setup  ## Measure the exchange with the register, beside its limit and the plain way
	@$(BIN)/python -m tests.bench.register

bench-days: .venv/.test setup  ## Measure what a day costs beside the delivery it follows (SCALE=0.012 is a million subjects)
	@$(BIN)/python -m tests.bench.days $(if $(filter file,$(origin SCALE)),,--scale $(SCALE))

chaos: .venv/.test setup  ## 200 exchanges on a bad day of the register; client, Dagster's run or register killed at random (RUNS=200)
	@$(BIN)/python -m tests.chaos --runs $(if $(RUNS),$(RUNS),200)

docs: .venv/.test setup  ## Write the generated reference pages anew
	@$(BIN)/python docs/generate.py

fix: .venv/.test  ## Format what can be formatted
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(BIN)/sqlfmt --quiet dbt_project
