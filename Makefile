# `make help` lists the targets. Everything is built into target/ and .venv/, nothing elsewhere.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CRATES := --workspace --exclude canary-py
SOURCES := $(shell find canary-core/src canary-py/src canary-py/python -type f -not -name '*.so' -not -path '*/__pycache__/*') \
           $(wildcard Cargo.* */Cargo.toml) pyproject.toml
SHELL  := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python lint bench calibrate quality quality-on-recorded-data fuzz stubs schema fixtures recordings clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

demo: $(VENV)/installed ## Judge the recorded rollouts and show each verdict with its reasons
	@$(BIN)/canary judge --policy fixtures/policies/lab.yaml --recording fixtures/recordings/*/ || test $$? -le 2

test: lint test-rust test-python ## Everything CI runs

lint: $(VENV)/test-tools ## Format, lints, types and documentation, all without a warning
	cargo fmt --all --check
	PYO3_BUILD_EXTENSION_MODULE=1 cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' PYO3_BUILD_EXTENSION_MODULE=1 cargo doc --workspace --no-deps --all-features --locked
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# With the same random cases each time, as in Python: `make fuzz` looks for others.
test-rust: export PROPTEST_RNG_SEED = 1
test-rust: ## The crate's tests: with no feature and with all, documentation examples, benches once
	cargo test $(CRATES) --locked
	cargo test $(CRATES) --all-features --locked
	cargo test -p canary-benches --benches --locked

test-python: $(VENV)/installed $(VENV)/test-tools ## The package's tests, its stubs and its documentation
	$(BIN)/python canary-py/check_stubs.py
	$(BIN)/python -m mypy.stubtest canary --mypy-config-file pyproject.toml --allowlist canary-py/stubtest-allowlist.txt
	$(BIN)/pytest

bench: $(VENV)/installed $(VENV)/bench-tools ## Side by side with scipy and with isolation forests, then the crate's own benches
	$(BIN)/python benches/python/compare.py
	$(BIN)/python benches/python/forest.py
	cargo bench -p canary-benches

calibrate: ## The long simulations: writes docs/calibration*.md (an hour)
	cargo run --release --locked -p canary-benches --bin calibrate

quality: ## Simulated rollouts judged by this library and by others: writes docs/quality.md (minutes)
	cargo run --release --locked -p canary-benches --bin quality

quality-on-recorded-data: $(VENV)/installed $(VENV)/bench-tools ## The same on recordings and public data in DATA=folder: writes its page
	$(BIN)/python benches/python/quality.py --data $(DATA) --write

fuzz: ## Random input for every reader, for longer than `make test` does
	PROPTEST_CASES=100000 cargo test --release -p canary-core --all-features --locked --test all -- properties anomaly

stubs: $(VENV)/installed $(VENV)/test-tools ## Generate the type stubs anew
	$(BIN)/python canary-py/check_stubs.py --write

schema: $(VENV)/installed ## Write the JSON schema of policies anew
	$(BIN)/canary policy schema > fixtures/policies/policy.schema.json

fixtures: ## Compute the reference values anew (installs R)
	fixtures/generate/run.sh

recordings: ## Record the rollouts anew (installs HAProxy and Prometheus; half an hour)
	fixtures/lab/record.sh

clean: ## Remove what was built
	rm -rf target $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# An extension of another build beside the sources would be imported instead of the new one.
$(VENV)/installed: $(SOURCES) | $(VENV)/bin/python
	rm -f canary-py/python/canary/*.so
	$(BIN)/python -m pip uninstall --quiet --yes canary-analysis
	$(BIN)/python -m pip install --quiet '.[progress]'
	touch $@

$(VENV)/test-tools: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --group test
	touch $@

$(VENV)/bench-tools: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --group bench
	touch $@
