# Everything a person needs to run Spinewise. `make help` lists it.
PYTHON ?= python3
TORCH_INDEX ?=
VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
.DEFAULT_GOAL = help
.PHONY: help setup chat test lint evaluate bench bench-quality lock supply clean

help:
	@echo "make setup     install Spinewise and what it needs into .venv"
	@echo "make chat      open the chat on http://127.0.0.1:7860 (PORT=... for another)"
	@echo "make test      run every test"
	@echo "make lint      check style and types"
	@echo "make evaluate  print the figures of safety and quality"
	@echo "make bench     print the figures of speed"
	@echo "make supply    write what it is made of (SBOM), the licences, and look for known weaknesses"
	@echo "make lock      write requirements-serving.lock anew"
	@echo "make bench-quality  print retrieval quality beside other libraries' (installs them, 2 GB)"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@echo "setting up .venv: the first time this downloads about 1 GB and takes a few minutes"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: Python 3.11 or newer is needed; hint: make PYTHON=python3.12 setup"; exit 1; }
	@test -z "$(TORCH_INDEX)" || $(BIN)/python -m pip install --quiet --index-url $(TORCH_INDEX) $$(grep '^torch==' requirements.lock)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
	@echo "ready: $(BIN)/spinewise"

chat: setup
	@$(BIN)/python app.py

test: setup
	@echo "running every test; the first time this also builds an index"
	@$(BIN)/python -m pytest

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

evaluate: setup
	@$(BIN)/spinewise refresh
	@$(BIN)/python bench/evaluate.py

bench: setup
	@$(BIN)/spinewise refresh
	@$(BIN)/python bench/speed.py

PEERS := build/peers
PEER_PACKAGES := bm25s PyStemmer faiss-cpu numpy langchain-community langchain-classic rank-bm25 chromadb txtai

$(PEERS)/ready: Makefile
	@echo "installing the peers in an environment of their own, $(PEERS)"
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $$(grep '^torch==' requirements.lock)
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(PEER_PACKAGES)
	@touch $@

bench-quality: setup $(PEERS)/ready
	@$(BIN)/spinewise refresh
	@$(BIN)/python bench/quality.py

TOOLS := build/tools
TOOL_PACKAGES := uv==0.13.9 cyclonedx-bom==7.5.0 pip-audit==2.10.1 pip-licenses==5.5.5

$(TOOLS)/ready: Makefile
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check $(TOOL_PACKAGES)
	@touch $@

lock: $(TOOLS)/ready
	@grep -v -e '^#' -e '^torch==' requirements.lock > build/constraints.txt
	@echo "# What serving needs, with hashes; make lock writes it. pip install --require-hashes -r requirements-serving.lock" > build/lock.new
	@$(TOOLS)/bin/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate -c build/constraints.txt >> build/lock.new
	@mv build/lock.new requirements-serving.lock

supply: setup $(TOOLS)/ready
	@$(TOOLS)/bin/cyclonedx-py environment $(BIN)/python --output-reproducible -o build/sbom.json
	@$(TOOLS)/bin/pip-licenses --python $(BIN)/python --from=mixed --order=license --format=markdown > build/licences.md
	@echo "build/sbom.json and build/licences.md are written; known weaknesses, where the list of them can be reached:"
	@$(TOOLS)/bin/pip-audit --disable-pip -s osv -r requirements-serving.lock

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache
