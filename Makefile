# Two commands: `make demo` runs the main job, `make test` passes the tests. Both set up .venv by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types unit setup soak clean

demo: $(VENV)/.ready
	@$(BIN)/remit demo -o out/demo

test: lint types unit

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.ready-dev
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

unit: $(VENV)/.ready-dev
	$(BIN)/pytest -q

setup: $(VENV)/.ready-dev

$(VENV)/.python: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Remit needs Python 3.11 or later; $(PYTHON) is older. Name another: make PYTHON=python3.12 demo" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "No virtual environment could be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@touch $@

$(VENV)/.ready: pyproject.toml | $(VENV)/.python
	@echo "Setting up $(VENV) (once) ..." >&2
	@$(BIN)/pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml | $(VENV)/.python
	@echo "Setting up $(VENV) with what the tests need (once) ..." >&2
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[dev,elastic,splunk]'
	@touch $@ $(VENV)/.ready

# A million hostile lines, a hundred kills, rotations: minutes, so not in CI. Needs POSIX.
soak: $(VENV)/.ready-dev
	$(BIN)/python -m benchmarks.soak

clean:
	rm -rf $(VENV) out dist build
