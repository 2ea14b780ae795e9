# make report  executes the notebooks and writes reports/index.html
# make test    unit tests, doctests, nbval over notebooks/, linters
# make check   linters and what is tested within seconds, to run between two edits
# Each makes the environment in .venv first, where it is missing or out of date.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
TWO_WORKERS := --numprocesses 2 --dist loadscope --no-loadscope-reorder
# Python reads an empty value as "write bytecode": without it every import of the stack takes four times as long.
export PYTHONDONTWRITEBYTECODE :=
export VIRTUAL_ENV := $(CURDIR)/.venv

.PHONY: report test check lint notebooks lab lock clean
.DEFAULT_GOAL := report

report: $(INSTALLED)
	@$(BIN)/python -m analysis run

test: $(INSTALLED) lint
	@$(BIN)/python -m pytest $(TWO_WORKERS)

check: $(INSTALLED) lint
	@$(BIN)/python -m pytest $(TWO_WORKERS) -m "not slow" tests

lint: $(INSTALLED)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

notebooks: $(INSTALLED)  ## execute the committed notebooks in place; bring the README's table and picture up to date
	@$(BIN)/python -m analysis publish

lab: $(INSTALLED)
	@$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

lock: $(INSTALLED)
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

clean:
	rm -rf .venv reports

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Making the environment in .venv"
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.lock)"
	@$(BIN)/uv pip install --quiet -r requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
