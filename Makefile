# What one does with Hemu. Each target does its own set-up first and says so; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export VENV ?= .venv
BIN := $(VENV)/bin

# Real servers for the tests; browser tests bring Chromium along, CI checks deployment, documents
# and the peers of the benchmarks as well.
SERVERS := postgresql kafka compiler
ifneq ($(shell grep -rls 'mark\.browser' tests --include='test_*.py'),)
SERVERS += browser
endif
ifeq ($(CI),true)
SERVERS += gateway compose schemas
endif

.PHONY: up cluster demo test check soak bench fmt lock pictures translations clean help

up: $(VENV)/.run  ## Set up if need be, then serve Hemu until Ctrl-C
	@deploy/translations.sh compile
	@exec $(BIN)/hemu up

cluster: $(VENV)/.run  ## Set up if need be, then run all processes on PostgreSQL and Kafka (BROKERS=3)
	@deploy/translations.sh compile
	@deploy/debian.sh postgresql kafka gateway
	@deploy/kafka/jars.sh > /dev/null
	@exec $(BIN)/hemu cluster $(if $(BROKERS),--brokers $(BROKERS))

demo: $(VENV)/.run  ## File a dozen sample cases with a running Hemu and show where they went
	@exec $(BIN)/hemu demo $(ARGS)

test: $(VENV)/.dev  ## Set up if need be, then run all tests (ARGS="-k receipt -x", ARGS='-m "not slow"')
	@deploy/translations.sh compile
	@deploy/debian.sh $(SERVERS) || test "$(CI)" != true
	@test "$(CI)" != true || tests/benchmarks/environment.sh
	@echo "Running the tests, two at a time"
	@$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

check: $(VENV)/.dev  ## Lint, format, types, import contracts, spelling, documents in step
	@deploy/translations.sh compile
	@echo "Linting" && $(BIN)/ruff check --quiet
	@echo "Checking the format" && $(BIN)/ruff format --check --quiet
	@echo "Checking the types" && $(BIN)/mypy --no-error-summary
	@echo "Checking the import contracts" && $(BIN)/lint-imports --no-logo
	@echo "Checking the spelling" && $(BIN)/codespell
	@echo "Checking that documents are in step" && $(BIN)/pytest --quiet --no-header -m docs

soak: $(VENV)/.dev  ## File for hours while everything is killed; writes docs/reliability.md (ARGS=--help)
	@deploy/translations.sh compile
	@deploy/debian.sh postgresql kafka gateway compiler
	@$(BIN)/python -m tests.reliability $(ARGS)

bench: $(VENV)/.dev  ## Measure beside what others would build; writes docs/performance.md (ARGS=accepting)
	@deploy/translations.sh compile
	@deploy/debian.sh postgresql kafka gateway load browser
	@tests/benchmarks/environment.sh
	@.venv-bench/bin/python -m tests.benchmarks $(ARGS)

fmt: $(VENV)/.dev  ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

lock: $(VENV)/.dev  ## Write the lock files anew (ARGS=--upgrade for newer versions)
	@deploy/lock.sh $(ARGS)
	@tests/benchmarks/lock.sh $(ARGS)

pictures: $(VENV)/.dev  ## Make the pictures of pages in docs/pictures
	@deploy/translations.sh compile
	@deploy/debian.sh browser
	@$(BIN)/python -m tests.browser.pictures $(ARGS)

translations: $(VENV)/.dev  ## Bring the Chinese catalogues up to date with the source
	@deploy/translations.sh update

clean:  ## Remove what was made here, but never var/, where the data is
	@rm -rf $(VENV) .venv-bench build *.egg-info .coverage* .hypothesis .import_linter_cache .grimp_cache \
		.mypy_cache .pytest_cache .ruff_cache
	@find services shared tests -name __pycache__ -prune -exec rm -rf {} +
	@find services shared -name '*.mo' -delete

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What each set-up step was done for; done again only when that changes.

$(VENV)/.run: requirements.lock pyproject.toml deploy/environment.sh
	@deploy/environment.sh run
	@rm -f $(VENV)/.dev && touch $@

$(VENV)/.dev: requirements.lock requirements-dev.lock pyproject.toml deploy/environment.sh
	@deploy/environment.sh dev
	@touch $(VENV)/.run $@
