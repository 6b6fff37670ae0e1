# The README's two commands are `make run` and `make test`. Both need Python >= 3.11, make and the package index, nothing else.
# Another interpreter: make run PYTHON=/path/to/python3. Another command line: make run ARGS="check --as-of today".

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check install --quiet
SYNC := $(PIP) --require-hashes --only-binary :all:
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
            "$$p" -c '$(NEW_ENOUGH)' 2>/dev/null && { echo "$$p"; break; }; done)

.PHONY: run test lint lock bench clean

# Exit codes 1 to 3 are findings about the desk (watch, breach, unknown), not a failure of this command.
run: $(VENV)/project
	@$(BIN)/covenant $(ARGS) || [ $$? -le 3 ]

test: lint
	$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadfile $(ARGS)

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/project
	$(BIN)/python -m bench.check $(ARGS)
	$(BIN)/python -m bench.replay $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Stamps: each step runs again only when what it was made from has changed.

$(VENV)/created:
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { \
	  echo "covenant-monitor needs Python 3.11 or newer; found: $$("$(or $(PYTHON),python3)" --version 2>/dev/null || echo nothing)." >&2; \
	  echo "Name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "making $(VENV) with $(PYTHON)" >&2
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

$(VENV)/runtime: constraints.txt $(VENV)/created
	@echo "installing the locked dependencies" >&2
	@$(SYNC) -r constraints.txt
	@touch $@

$(VENV)/project: pyproject.toml $(VENV)/runtime
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import monitor.cli'
	@touch $@

$(VENV)/test: constraints-test.txt $(VENV)/project
	@echo "installing the locked test dependencies" >&2
	@$(SYNC) -r constraints.txt -r constraints-test.txt
	@touch $@

# The lock: every release and hash, for Python 3.11 to 3.14 on Linux and macOS, naming no index. constraints.txt is what runs and
# builds the project, constraints-test.txt what the tests add. Pins that still fit are kept; to move them: make lock ARGS=--upgrade
UV := uv==0.13.9
COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
          --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(ARGS)

lock: $(VENV)/created
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip --disable-pip-version-check install --quiet "$(UV)"
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  > $(VENV)/build-system.txt
	$(COMPILE) pyproject.toml $(VENV)/build-system.txt -o constraints.txt
	$(COMPILE) pyproject.toml --extra test -c constraints.txt \
	  $$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' constraints.txt) -o constraints-test.txt
