# Every target does the set-up that it needs, and none that is done already. `make help` lists them.
PYTHON ?= python3
PORT ?= 8080
BENCHES := load bulk links visibility groups trends rings
JOBS ?= 2
STATE := $(CURDIR)/.graphsvc
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --quiet $(LOCK_FLAGS)
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes # seven times as quick; pip stands by

export GRAPHSVC_DATA_DIR ?= $(STATE)
export GRAPHSVC_JARS_DIR ?= $(STATE)/neo4j-jars

# what is downloaded and built in turns, while the kernels are compiled beside it
PARTS = $(BIN)/.kernels graphsvc/web/dist/.ready graphsvc/reports/assets/dist/.ready $(GRAPHSVC_JARS_DIR)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults noninterference oracle examples check bench format lock web secrets clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' Makefile

setup: $(BIN)/.ready ## install everything, once
	@$(MAKE) --silent --no-print-directory -j2 $(PARTS)

demo: setup ## start the private Neo4j, load a sample, answer three questions, serve on 127.0.0.1:8080 (PORT=…)
	@exec $(BIN)/graphsvc demo --port $(PORT)

test: setup ## run the tests, each of JOBS=2 processes on a private Neo4j of its own (TESTS=tests/store for a part, in one)
	$(BIN)/pytest $(if $(TESTS),,--numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder --durations 25) $(TESTS)

faults: setup ## kill loaders and servers 30 times each, lose 50 commits, shuffle 500 seeds of batches (TIMES=3 LOST=6 SEEDS=12 for less)
	GRAPHSVC_FAULT_TIMES=$(or $(TIMES),30) GRAPHSVC_LOST_COMMITS=$(or $(LOST),50) GRAPHSVC_ORDER_SEEDS=$(or $(SEEDS),500) \
		$(BIN)/pytest tests/loaders/test_faults.py tests/loaders/test_change.py tests/loaders/test_rehearsal.py \
		tests/loaders/test_bulk.py --timeout 7200

noninterference: setup ## what is hidden changes no answer (PAIRS=2000 SCIENCE=100 MUTANTS=1 for all of it)
	$(BIN)/python -m tests.noninterference --pairs $(or $(PAIRS),100) --science $(or $(SCIENCE),0) --mutants $(or $(MUTANTS),0)

oracle: setup ## hold every kernel of link analysis against networkx (CASES=10000 for each, by JOBS=2), and group science on GRAPHS=200
	@for job in $$(seq $(JOBS)); do \
		GRAPHSVC_EXAMPLES=$$((($(or $(CASES),10000) + $(JOBS) - 1) / $(JOBS))) GRAPHSVC_SHRINK=0 \
			$(BIN)/pytest tests/topology/test_paths.py tests/topology/test_patch.py --timeout 0 & jobs="$$jobs $$!"; \
	done; for job in $$jobs; do wait $$job || failed=1; done; exit $${failed:-0}
	GRAPHSVC_ORACLE_GRAPHS=$(or $(GRAPHS),200) GRAPHSVC_MIXING=10,25,40 $(BIN)/pytest -rP --timeout 0 \
		tests/analysis/groups/test_measures.py tests/analysis/groups/test_graphalytics.py tests/analysis/groups/test_public.py

examples: setup ## ask the published data that docs/examples show, the large sets too
	GRAPHSVC_ALL_EXAMPLES=1 $(BIN)/pytest tests/stories/test_examples.py tests/stories/test_public_data.py \
		tests/stories/test_public_commands.py

check: $(BIN)/.ready ## formatting, lint, types, compose file, Dockerfile, lock files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/python tools/check_locks.py

bench: setup ## run every benchmark beside its peers (SIZE=100000 for smaller ones)
	@for bench in $(basename $(notdir $(wildcard $(BENCHES:%=bench/%.py)))); do \
		$(BIN)/graphsvc bench $$bench $(if $(SIZE),--size $(SIZE)) || exit 1; done

format: $(BIN)/.ready ## put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(BIN)/.ready ## bring requirements/ up to date with pyproject.toml (LOCK_FLAGS=--upgrade for newer versions)
	$(COMPILE) --output-file requirements/run.txt
	$(COMPILE) --group dev --output-file requirements/dev.txt
	$(BIN)/uv pip compile --group build --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --quiet $(LOCK_FLAGS) --output-file requirements/build.txt

web: graphsvc/web/dist/.ready ## build the browser assets alone

secrets: ## draw the password that docker-compose.yml uses, once
	@sh tools/make_secrets.sh

clean: ## stop the private Neo4j and remove what the targets made, the loaded data too
	@if [ -x $(BIN)/graphsvc ]; then GRAPHSVC_DATA_DIR=$(STATE) $(BIN)/graphsvc db stop; fi
	rm -rf .venv .graphsvc graphsvc/web/dist graphsvc/web/node_modules graphsvc/reports/assets/dist graphsvc/reports/assets/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/.ready: requirements/build.txt requirements/dev.txt pyproject.toml
	@sh tools/prerequisites.sh $(PYTHON)
	@echo "Installing the locked Python packages"
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(UV) -r requirements/dev.txt || $(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/.kernels: $(wildcard graphsvc/topology/kernels/*.py) graphsvc/topology/layout.py $(addprefix graphsvc/analysis/,kernels.py packing.py steps.py) | $(BIN)/.ready
	@echo "Compiling what walks the graph and what seeks changes"
	@$(BIN)/python -c "from graphsvc.topology.warm import warm; warm()"
	@$(BIN)/python -c "from graphsvc.analysis.warm import warm; warm()"
	@touch $@

graphsvc/web/node_modules/.ready: graphsvc/web/package.json graphsvc/web/package-lock.json | $(BIN)/.ready
	@echo "Installing the locked browser packages"
	@cd graphsvc/web && npm ci --loglevel error --no-fund --no-audit
	@touch $@

WEB := $(shell find graphsvc/web/src graphsvc/web/public -type f) graphsvc/web/index.html graphsvc/web/vite.config.js
graphsvc/web/dist/.ready: graphsvc/web/node_modules/.ready $(WEB)
	@echo "Building the browser assets"
	@cd graphsvc/web && npm run --silent build -- --logLevel warn
	@touch $@

graphsvc/reports/assets/dist/.ready: $(addprefix graphsvc/reports/assets/,package.json package-lock.json build.js) | $(BIN)/.ready
	@echo "Installing the locked fonts and outlines of the reports"
	@cd graphsvc/reports/assets && npm ci --loglevel error --no-fund --no-audit && npm run --silent build

$(GRAPHSVC_JARS_DIR)/.ready: graphsvc/localdb/pom.xml graphsvc/localdb/jars.sha256 | $(BIN)/.ready
	@$(BIN)/graphsvc db fetch
	@touch $@
