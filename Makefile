# Everything is a target here; `make` alone lists them. PYTHON=... chooses the Python (3.11 to 3.13).

VENV := .venv
PY := $(VENV)/bin/python
S2D := $(VENV)/bin/screen2deck

# Pictures that `make run` reads, folder and engines of `make eval`, where output goes.
PICTURES ?= bot/data/sample.jpg
DIR ?= ../shared/screens
ENGINES ?=
OUT ?= out
LOAD ?=
SOAK ?=
# Where `make bare-debian` keeps what it has downloaded, and more options for it (--without-tests, --minutes 90, newcomer,
# server). For scripts: python3 -m tools.bare_debian, since make's own exit code is 2 whether it failed or could not run.
BARE_CACHE ?= $(OUT)/bare-debian
BARE ?=
# Options for the installation of PyTorch, such as --index-url with the address of its builds for the processor.
TORCH_OPTIONS ?=
# Tests wait about as long as they work: four at once keep two cores busy. Readers take half a GB each.
TEST_OPTIONS ?= -n 4 --dist loadfile
# What waits for real servers and whole products is at the mercy of a busy machine: one more try, which is reported.
SLOW_OPTIONS ?= -n 3 --dist loadfile --timeout 600 --reruns 1
# Which slow tests, by their folders: all.
SLOW ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup setup-slow setup-easyocr run demo test test-slow test-all coverage bare-debian eval bench load soak site audit lint format catalogue migration docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv with the locked packages and this project

$(VENV)/.ready: requirements/dev.lock pyproject.toml tools/environment.py tools/find-python
	@python=$$(PYTHON="$(PYTHON)" tools/find-python) && "$$python" tools/environment.py create $(VENV)
	@$(PY) tools/environment.py install $(VENV) requirements/dev.lock
	@touch $@

setup-slow: $(VENV)/.slow-ready ## add what the slow suites, the site and the load test need to .venv

$(VENV)/.slow-ready: $(VENV)/.ready requirements/slow.lock
	@$(PY) tools/environment.py install $(VENV) requirements/slow.lock
	@touch $@

setup-easyocr: $(VENV)/.easyocr-ready ## add EasyOCR, its weights and PyTorch to .venv

$(VENV)/.easyocr-ready: $(VENV)/.ready requirements/easyocr.lock
	@$(PY) tools/environment.py install-easyocr $(VENV) requirements/easyocr.lock $(TORCH_OPTIONS)
	@touch $@

run: setup ## start the whole product with embedded parts; Ctrl-C stops it
	@$(S2D) up

demo: setup ## send the sample through intake, queue, worker and reply, print its decklist
	@$(S2D) demo

test: lint ## the fast suite, after lint
	@$(PY) -m pytest $(TEST_OPTIONS)

test-slow: setup-slow ## the slow suites with real components alone; what the machine lacks for them is skipped and said
	@$(PY) -m pytest $(SLOW_OPTIONS) -m slow $(SLOW)

test-all: lint setup-slow setup-easyocr ## the fast suite and the slow ones
	@$(PY) -m pytest $(TEST_OPTIONS) -m "slow or not slow"

# Of all processes; where the files are is said in pyproject.toml.
coverage: setup-slow setup-easyocr ## both suites, and which branches they reach; fails below 90 %, or without reasons
	@rm -rf out/coverage
	@$(PY) -m coverage run -m pytest $(TEST_OPTIONS) -m "slow or not slow"
	@$(PY) -m coverage combine --quiet out/coverage
	@$(PY) -m coverage json --quiet
	@$(PY) -m tools.unreached out/coverage/report.json --list out/coverage/unreached.md

bare-debian: ## go through README and the deploy page on a Debian 12 with nothing else (root, debootstrap, systemd-container)
	@python3 -m tools.bare_debian --cache $(BARE_CACHE) $(BARE)

eval: setup ## accuracy on DIR=... (images/ and truth/), ENGINES="rapidocr easyocr" compares
	@mkdir -p $(OUT)
	@$(S2D) eval $(DIR) $(foreach engine,$(ENGINES),--engine $(engine)) \
	    --report $(OUT)/eval.html --predictions $(OUT)/predictions.jsonl

bench: setup ## speed and memory on PICTURES, then of queue, delivery and console, as ratios measured in one run
	@$(PY) -m tools.bench $(PICTURES)
	@$(PY) -m tools.bench_queue
	@$(PY) -m tools.bench_console

load: setup-slow ## load on the HTTP API, rung by rung up to the knee (LOAD="--rates 2,5,10 --seconds 15")
	@$(PY) -m tools.load $(LOAD)

soak: setup ## half an hour of load on the real product at 70 % of its knee (SOAK="--minutes 5 --rate 0.2")
	@$(PY) -m tools.soak $(SOAK)

site: setup-slow ## the documentation as a site in OUT/site; every link in it must lead somewhere
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs --quiet build --strict --site-dir $(abspath $(OUT))/site

audit: setup ## licences, secrets, known holes of packages; writes the bill of materials to OUT/sbom.json
	@mkdir -p $(OUT)
	@$(PY) -m pip --disable-pip-version-check -qq install pip-audit || echo "pip-audit cannot be installed here."
	@$(PY) -m tools.audit --advisories --sbom $(OUT)/sbom.json

lint: setup ## style, types and the rooms' contracts
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --check --quiet
	@$(PY) -m mypy --no-error-summary
	@$(VENV)/bin/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }

format: setup ## put the style right
	@$(PY) -m ruff check --fix --quiet
	@$(PY) -m ruff format --quiet

catalogue: setup ## make the card catalogue that ships with the product
	@$(PY) -m ocr_worker.cards.make_snapshot

migration: setup ## write the migration for changed models
	@$(PY) -m tools.make_migration

docs: setup ## write what is made of the code: pages of commands, console, runbook; dashboards, alerts for Kubernetes
	@$(PY) -m typer bot.cli utils docs --name screen2deck --output docs/command-line.md
	@$(PY) -m chatops.reference > docs/console.md
	@$(PY) -m tools.runbook_page > docs/runbook.md
	@$(PY) -m tools.prometheus_rule > config/deploy/kubernetes/components/prometheus-operator/prometheusrule.yaml
	@$(PY) -m tools.dashboards

# Hashes of all platforms and no addresses, so that pip checks what any index gives it. The runtime's is for
# installations without the tools of development, the build's for making a wheel. EasyOCR's leaves PyTorch out: see
# tools/environment.py.
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" $(LOCK_OPTIONS)

lock: setup ## bring the locked versions up to date (LOCK_OPTIONS=--upgrade for the newest)
	@$(PY) -m pip --disable-pip-version-check -qq install uv
	@$(COMPILE) pyproject.toml $(foreach extra,embedded docker kubernetes openvino profiling tracing,--extra $(extra)) \
	    --group dev --output-file requirements/dev.lock
	@$(COMPILE) --group slow --constraint requirements/dev.lock --output-file requirements/slow.lock
	@$(COMPILE) pyproject.toml --extra embedded --extra docker --constraint requirements/dev.lock \
	    --output-file requirements/runtime.lock
	@$(COMPILE) pyproject.toml $(foreach extra,embedded docker kubernetes,--extra $(extra)) \
	    --constraint requirements/dev.lock --output-file requirements/kubernetes.lock
	@echo setuptools | $(COMPILE) - --constraint requirements/dev.lock --output-file requirements/build.lock
	@echo "torch ; sys_platform == 'none'" > $(VENV)/without-torch.txt
	@$(COMPILE) requirements/easyocr.in --constraint requirements/dev.lock \
	    --override $(VENV)/without-torch.txt --no-emit-package torch --output-file requirements/easyocr.lock

clean: ## remove the environment and everything that was made
	@rm -rf $(VENV) $(OUT) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
