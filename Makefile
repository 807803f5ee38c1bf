# `make demo` and `make test` are all that a newcomer needs; both set up their own environment first.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/run
READY := .venv/ready
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --constraint constraints.txt
JOBS ?= 2
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint unit slow foreign browser types interpreters trees coverage designs evidence reference bench release site clean

demo: $(RUN)
	@$(BIN)/topo show designs/mpft-16384.yaml
	@echo
	@$(BIN)/topo check designs/mpft-16384.yaml
	@echo
	@$(BIN)/topo build designs/mpft-16384.yaml -o out/mpft-16384
	@echo
	@echo "next: open out/mpft-16384/diagrams/overview.svg; '. .venv/bin/activate' puts topo on the path; topo --help"

test: lint unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The slowest are told: what takes seconds shares a fixture, is made smaller, or is marked slow.
unit: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --durations=30 --durations-min=1 -m "not slow and not foreign and not browser" $(COVERED)

slow: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m slow

foreign: $(READY)
	sh tests/foreign/install.sh
	$(BIN)/python -m pytest -m foreign

browser: $(READY)
	sh tests/browser/install.sh
	$(BIN)/python -m pytest -m browser

# An outside caller under pyright's strict rules; it brings a node of its own.
types: $(READY)
	$(PIP) --quiet --editable '.[types]'
	$(BIN)/python -m pytest tests/test_public.py -k pyright

# The default tests, and which lines and branches of topo/ they reach; fails below `fail_under` of pyproject.toml.
coverage: $(READY)
	$(PIP) --quiet --editable '.[coverage]'
	$(MAKE) test COVERED="--cov --cov-report=term"

# The oldest and the newest interpreter there is, and bare Debian trees: set up from nothing, then the main job.
interpreters: $(READY)
	sh tests/trees/interpreters.sh

trees: $(READY)
	sh tests/trees/install.sh
	sh tests/trees/try.sh bookworm
	sh tests/trees/try.sh trixie

designs: $(READY)
	$(BIN)/topo check designs/

reference: $(READY)
	$(BIN)/python docs/write_reference.py

evidence: $(READY)
	$(BIN)/python docs/write_evidence.py

bench: $(READY)
	$(BIN)/python benchmarks/generate.py
	$(BIN)/python benchmarks/programs.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/bisection.py
	$(BIN)/python benchmarks/failures.py
	$(BIN)/python benchmarks/rates.py
	$(BIN)/python benchmarks/sizes.py
	$(BIN)/python benchmarks/ecmp.py
	$(BIN)/python benchmarks/flat.py
	$(BIN)/python benchmarks/collectives.py
	$(BIN)/python benchmarks/cabling.py
	$(BIN)/python benchmarks/readers.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/report.py

# What running needs, and nothing else.
$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("topo needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@echo "setting up .venv with what topo needs to run (about 30 packages, 700 MB; a minute or two)"
	$(PYTHON) -m venv .venv
	$(PIP) --quiet --editable .
	@touch $@

# What the tests, the checks of the code and the documentation need on top.
$(READY): $(RUN)
	@echo "adding what tests, checks and documentation need (about 70 packages, 600 MB)"
	$(PIP) --quiet --editable '.[dev]'
	@touch $@

# Builds the wheel and the sdist into dist/ and checks both.
release: $(READY)
	$(BIN)/python .ci/release.py

site: $(READY)
	$(BIN)/python -m mkdocs build --quiet

clean:
	rm -rf .venv out build dist
