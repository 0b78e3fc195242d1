# Every command of the project. `make` lists them.
# Two of them do everything on a fresh machine: `make run` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
# the plugin, or the program of its own that it was before
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
.DEFAULT_GOAL := help
.PHONY: help setup run test check embedded faults bare bench format docs clients lock audit sbom up down keys clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

# most of a test is waiting: a worker more than processors, files side by side; ARGS=-n0: none
WORKERS := --numprocesses auto --dist loadfile
# and most of a fault: two towns
TOWNS   := --numprocesses 2 --dist worksteal
# Compose beside one town, and never beside a browser: a network that comes or goes has Chromium break off
# what it loads, also from 127.0.0.1
BESIDE  := --numprocesses 2 --dist loadfile

# what shows that the store which pip installs will do
EMBEDDED := $(wildcard tests/integration/services/test_*_repositories.py) \
            tests/integration/services/test_stores.py tests/e2e/test_demo.py

# Debian keeps venv apart from Python: it is installed where that may be done, as RabbitMQ is
define GET_VENV
package=$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
said="Python's venv is not on this host"; \
command -v apt-get >/dev/null || { echo "$$said: install it first"; exit 1; }; \
[ "$$(id -u)" = 0 ] || { echo "$$said. First type: sudo apt-get install $$package"; exit 1; }; \
echo "$$said: installing $$package with apt-get"; \
apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$$package" </dev/null
endef

setup: $(VENV)/ready ## Make .venv with everything pinned in requirements-dev.lock

$(VENV)/ready: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { $(GET_VENV); }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

run: setup ## The whole system here, without Docker, with a demo (ARGS=--once ends after it)
	$(BIN)/python -m klik run $(ARGS)

test: setup ## Everything that can be tested here: check, then all tests (ARGS=… for pytest)
	$(MAKE) check
	$(BIN)/python -m pytest tests/contract tests/integration tests/e2e -m "not compose" $(WORKERS) $(ARGS)
	$(BIN)/python -m pytest tests/e2e/test_compose_smoke.py tests/faults -m "compose or short" $(BESIDE)

embedded: setup ## The stores and the demo once more, on the store that pip installs
	KLIK_NODE_STORE=secantusd-py $(BIN)/python -m pytest $(EMBEDDED) $(WORKERS)

faults: setup ## What the system does when things break, all of it (ARGS="--random --minutes 10 --seed 7")
	$(BIN)/python -m pytest tests/faults $(if $(ARGS),$(ARGS),$(TOWNS) --write docs/faults.md)

# where the host has no way to the database of known holes, that is said, and no error
AUDIT := $(BIN)/pip-audit --progress-spinner off --disable-pip --timeout 5 --require-hashes
audit: setup ## Known holes in what is pinned, where their database can be asked
	@said=$$(timeout 120 $(AUDIT) --requirement requirements.lock 2>&1); code=$$?; \
	case "$$said" in \
	*"known vulnerabilit"[yi]*" in "*) echo "$$said"; exit $$code ;; \
	*"could not be audited"* | *[Ee]rror*) echo "pip-audit: not asked, its database is out of reach from here" ;; \
	*) echo "$$said" ;; \
	esac

sbom: setup ## What the images hold, as CycloneDX: .data/sbom.json
	@mkdir -p .data
	$(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml --output-file .data/sbom.json requirements.lock

check: setup ## Format, lint, types, import contracts, fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive shared services klik bench
	@$(MAKE) --no-print-directory audit
	$(BIN)/python -m pytest tests/unit $(WORKERS)

bare: ## make run and make check in bare Debian 12 and 13, as root (not in CI; ARGS=trixie: there only)
	tests/bare.sh $(ARGS)

bench: setup ## Measurements on private nodes (ARGS="timers --cases 10000")
	$(BIN)/python -m bench $(ARGS)

format: setup ## Put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: setup ## Write docs/schemas, docs/openapi, docs/asyncapi.json and deploy/routes.conf anew from the code
	$(BIN)/python -m klik docs

clients: docs ## Make clients/python and clients/typescript anew from docs/openapi (needs npm)
	$(BIN)/python -m klik clients

lock: setup ## Pin the dependencies anew
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --annotation-style line --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --annotation-style line --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --no-header --annotation-style line --python-version 3.11 bench/requirements.in -o bench/requirements.lock

up: ## The whole system in Docker, behind http://127.0.0.1:8080
	$(COMPOSE) up --build $(ARGS)

down: ## Stop it; its data and secrets stay (ARGS=-v removes them, for good)
	$(COMPOSE) down $(ARGS)

keys: ## Print the API keys of the system in Docker (those of `make run`: .data/keys.json)
	@$(COMPOSE) run --rm secrets cat /run/klik/keys.json

clean: ## Remove .venv, caches and the local data
	rm -rf $(VENV) .venv-bench .data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
