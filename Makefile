# Two commands set everything up: `make up` and `make test`. `make help` lists the rest.

## The environment: dev (default), staging or prod
STACK ?= dev
## 1: up and destroy do not ask
YES ?=
## More options, for the engine (ARGS=--diff shows every field) or for pytest (ARGS=tests/docs)
ARGS ?=
## What `make diff` compares: staging (default)
FROM ?= staging
## ... with: prod (default)
TO ?= prod
## The number of the pull request that `make ci-comment` writes to
PR ?=
## The tag of the release, for `make package`
TAG ?=
## How many tests run at a time: 3 by default
WORKERS ?= 3
## The part of all tests that `make test-all` runs, such as 3/8
SHARD ?=
## The histories that `make histories` tells: 0-99 (default), others such as 1000-1999, or one
SEEDS ?= 0-99
## A checkout of github.com/pypa/advisory-database for `make advisories`: a fresh clone by default
DATABASE ?=
## The Python that the environment is made with: python3 by default
PYTHON ?= python3

VENV := .venv
PY := $(VENV)/bin/python
CONSENT = $(if $(filter 1,$(YES)),--yes)
DOCS := .local/docs-venv

# Compiled once instead of by each of the thousand processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: up preview impact refresh destroy policy orphans diff ci-preview ci-comment ci-deploy ci-drift ci-issue stop test test-thorough test-all histories test-lowest coverage bench check format generate package release surface lock advisories docs docs-serve clean help

up: $(VENV)/.run ## Preview, then deploy STACK; asks first, except for dev on the local Stripe
	@$(PY) -m stripe_project up --stack $(STACK) $(CONSENT) $(ARGS)

preview: $(VENV)/.run ## Show what `make up` would change
	@$(PY) -m stripe_project preview --stack $(STACK) $(ARGS)

impact: $(VENV)/.run ## Show what `make up` would do to bills
	@$(PY) -m stripe_project impact --stack $(STACK) $(ARGS)

refresh: $(VENV)/.run ## Take over into the state what Stripe has now (drift)
	@$(PY) -m stripe_project refresh --stack $(STACK) $(ARGS)

destroy: $(VENV)/.run ## Retire everything that STACK declares; asks first
	@$(PY) -m stripe_project destroy --stack $(STACK) $(CONSENT) $(ARGS)

policy: $(VENV)/.run ## Preview under the policy pack
	@$(PY) -m stripe_project policy --stack $(STACK) $(ARGS)

orphans: $(VENV)/.run ## List what belongs to STACK at Stripe and is in no state; ARGS=--retire takes it out of use
	@$(PY) -m stripe_project orphans --stack $(STACK) $(ARGS)

diff: $(VENV)/.run ## Show how the settings and resources of FROM (default staging) and TO (prod) differ
	@$(PY) -m stripe_project diff $(FROM) $(TO) $(ARGS)

ci-preview: $(VENV)/.run ## Preview under the policies, save the plan, say what it does to bills; into ci-out/
	@$(PY) -m stripe_project ci-preview --stack $(STACK)

ci-comment: $(VENV)/.run ## Make one comment of all previews in ci-out/, and put it at pull request PR
	@$(PY) -m stripe_project ci-comment --pull-request "$(PR)"

ci-deploy: $(VENV)/.run ## Deploy the plan that ci-preview saved, and nothing else
	@$(PY) -m stripe_project ci-deploy --stack $(STACK)

ci-drift: $(VENV)/.run ## Fail if what is at Stripe is not what is declared, or is in no state
	@$(PY) -m stripe_project ci-drift --stack $(STACK)

ci-issue: $(VENV)/.run ## Open, change or close an issue for each stack that ci-drift looked at
	@$(PY) -m stripe_project ci-issue

stop: $(VENV)/.run ## Stop the local Stripe; its data is kept
	@$(PY) -m stripe_project stop

test: $(VENV)/.dev ## Run the tests: under ten minutes
	$(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-thorough: $(VENV)/.dev ## Run the tests with everything that starts engines: up to an hour
	TESTS=thorough $(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-all: $(VENV)/.dev ## Run the tests with every case of every large table: hours, or a part of them with SHARD=3/8
	TESTS=all $(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(ARGS)

histories: $(VENV)/.dev ## Tell random histories of a stack, see docs/crashes.md: SEEDS=17 tells one again
	SEEDS=$(SEEDS) $(VENV)/bin/pytest -n $(WORKERS) --dist worksteal $(or $(ARGS),tests/histories/test_handlers.py)

LOWEST := .local/lowest
UV := $(VENV)/bin/uv
# Not spark, which is 430 MB to download.
LOWEST_EXTRAS := usage policy impact scale postgres local
LOWEST_TESTS := tests/e2e/test_catalogue.py tests/histories tests/package/test_dependencies.py tests/pulumi_local tests/recorded tests/stripe_client \
  tests/stripe_components tests/stripe_impact tests/stripe_local tests/stripe_policy tests/stripe_pricing tests/stripe_resources tests/stripe_sources tests/stripe_usage

test-lowest: $(VENV)/.dev ## Run the packages' tests with the lowest versions that pyproject.toml allows
	@mkdir -p .local
	$(UV) pip compile --quiet --upgrade --resolution lowest-direct --python-version 3.11 $(addprefix --extra ,$(LOWEST_EXTRAS)) pyproject.toml -o $(LOWEST).txt
	$(UV) venv --quiet --clear --python $(PY) $(LOWEST)
	$(UV) pip install --quiet --python $(LOWEST) -r $(LOWEST).txt
	grep -v '^-r' requirements-dev.in | $(UV) pip install --quiet --python $(LOWEST) --constraint $(LOWEST).txt hatchling hatch-fancy-pypi-readme editables -r -
	$(UV) pip install --quiet --python $(LOWEST) --no-deps --no-build-isolation --editable .
	$(LOWEST)/bin/pytest -n $(WORKERS) --dist worksteal $(or $(ARGS),$(LOWEST_TESTS))

coverage: $(VENV)/.dev ## Run the tests and tell which branches they reach, those in subprocesses too
	@mkdir -p .local/coverage
	$(VENV)/bin/coverage erase
	$(VENV)/bin/coverage run -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
	$(VENV)/bin/coverage combine --quiet
	$(VENV)/bin/coverage report

bench: $(VENV)/.run ## Measure what deployments cost, see docs/benchmarks.md (a quarter of an hour)
	@$(PY) -m benchmarks $(ARGS)

check: $(VENV)/.dev ## Formatter, linter, strict types, import contracts, advisories of what is pinned
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m scripts.advisories

generate: $(VENV)/.dev ## Write what follows from the code and the SDK: names, vocabularies, tables in docs
	@for module in vocabulary event_types resource_exports resource_docs retiring_docs component_docs lookup_docs engine_docs option_docs local_stripe_docs; do $(PY) -m scripts.$$module || exit 1; done

format: $(VENV)/.dev ## Format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

package: $(VENV)/.dev ## Build what is published into dist/, twice the same, and check it
	@$(PY) -m scripts.release

release: $(VENV)/.dev ## Build the release that pyproject.toml and CHANGELOG.md speak of; refuse what is none
	@$(PY) -m scripts.release --release --tag "$(TAG)"

surface: $(VENV)/.dev ## Write down what the version in pyproject.toml promises, for its release
	@$(PY) -m tests.surface

lock: $(VENV)/.dev ## Pin the newest dependencies that requirements*.in allow
	@for file in requirements requirements-dev requirements-docs requirements-spark; do \
	  $(VENV)/bin/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url $$file.in -o $$file.txt || exit 1; \
	done

advisories: $(VENV)/.dev ## Ask pypa/advisory-database, or a checkout DATABASE of it, about what is pinned; fail if any is affected
	@[ -n "$(DATABASE)" ] || { rm -rf .local/advisories && git clone --quiet --depth 1 https://github.com/pypa/advisory-database .local/advisories; }
	@$(PY) -m scripts.advisories "$(or $(DATABASE),.local/advisories)"

docs: $(DOCS)/.docs ## Build the documentation as a site, into .local/site
	$(DOCS)/bin/python -m scripts.site .local/site

docs-serve: docs ## Build the site, and show it at http://127.0.0.1:8000
	$(DOCS)/bin/python -m http.server --bind 127.0.0.1 --directory .local/site 8000

clean: ## Remove the environment and all local data (state of the local stack, local Stripe)
	@[ ! -x $(PY) ] || $(PY) -m stripe_project stop
	rm -rf $(VENV) .local

help: ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1@\2/p' $(MAKEFILE_LIST) | column -t -s @
	@echo "Variables, as in make preview STACK=prod ARGS=--diff:"
	@sed -nE '/^## /{ s///; h; n; s/^([A-Z]+) .*/  \1/; G; s/\n/@/p; }' $(MAKEFILE_LIST) | column -t -s @

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The checkout itself comes last, as a package that is edited in place: with its commands, and its version.
INSTALL = $(VENV)/bin/pip install --quiet --disable-pip-version-check

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements-dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.run $@

# What builds the site is nothing that the code needs: an environment of its own keeps the two from holding each other back.
$(DOCS)/bin/python:
	$(PYTHON) -m venv $(DOCS)

$(DOCS)/.docs: requirements-docs.txt | $(DOCS)/bin/python
	$(DOCS)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.txt
	@touch $@
