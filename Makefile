# Two commands on a fresh machine with Python >= 3.11, make and git: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup run test check format ui docs reconcile report bench lock clean
help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

setup: $(READY)  ## virtual environment with the locked packages
# pip fetches the locked uv, uv the rest: a quarter of the time pip takes. Where only pip knows the way to the
# packages (its own configuration names an index), pip does it all.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Headwater needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@echo "setting up .venv"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync -q --system-certs --require-hashes requirements.lock \
		|| $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY)  ## sandbox, the whole pipeline through Dagster, the reconciliation table
	@$(BIN)/headwater run

test: $(READY)  ## every test
	@$(BIN)/pytest

check: $(READY)  ## lint, format, types, SQL lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

format: $(READY)  ## format Python
	$(BIN)/ruff check --fix-only -q
	$(BIN)/ruff format

ui: $(READY)  ## Dagster's web page over the same instance, on port 3000
	@$(BIN)/headwater ui

docs: $(READY)  ## dbt's documentation as one page, var/dbt/target/static_index.html
	@$(BIN)/headwater exec -- dbt docs generate --static
	@echo "open var/dbt/target/static_index.html"

reconcile: $(READY)  ## V1 against V2; fails unless they agree
	@$(BIN)/headwater reconcile

report: $(READY)  ## the reconciliation as one HTML page, var/report.html
	@$(BIN)/headwater report

bench: $(READY)  ## what the README's speed figures come from
	@$(BIN)/python -m benchmarks

lock: $(READY)  ## pin the newest allowed versions, with hashes
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--all-extras --upgrade --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:  ## remove what was made, the embedded databases included
	-@$(BIN)/headwater database stop
	rm -rf .venv var dbt_project/target dbt_project/logs
