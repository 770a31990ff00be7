# `make` alone lists what there is. Every target sets up what it needs and can be repeated.

BIN := .venv/bin
WITH_ENGINE := scripts/with_engine.sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test smoke check lint bench serve tutorial openapi lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the virtual environment .venv (instant when nothing changed)
	@scripts/setup.sh

demo: setup ## Go through the data owner's tutorial: server, containers, metrics
	@$(WITH_ENGINE) scripts/demo.sh

test: setup lint ## Check everything and run every test (TEST_ARGS="-k name" for fewer); build/junit.xml
	@$(WITH_ENGINE) scripts/test.sh $(TEST_ARGS)

smoke: setup ## Walk the API of a server started for it: a minute at most, no engine
	@$(BIN)/python scripts/smoke.py

test-long: setup lint ## The tests that take many minutes: thousands of made-up requests
	@MARKS=long $(WITH_ENGINE) scripts/test.sh $(TEST_ARGS)

check: lint ## The same as lint

lint: setup ## Style, types and the imports' directions
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@cd scripts && ../$(BIN)/mypy --no-error-summary --config-file ../pyproject.toml -p cube_images
	@mkdir -p build
	@$(BIN)/lint-imports --no-logo >build/lint-imports.log 2>&1 || { cat build/lint-imports.log; exit 1; }

bench: setup ## Measure speed against the floors of our libraries and of bare containers
	@$(WITH_ENGINE) scripts/bench.sh

serve: setup ## Run the server on SQLite in this folder, at http://127.0.0.1:8000
	@$(BIN)/medperf-server serve

tutorial: setup ## Run the server as the tutorial needs it, to follow docs/tutorial.md by hand
	@$(WITH_ENGINE) scripts/tutorial.sh

openapi: setup ## Take the API's description anew: tests/routers/openapi.json, which a test compares
	@mkdir -p build
	@$(BIN)/medperf-server openapi >build/openapi.json
	@mv build/openapi.json tests/routers/openapi.json

lock: ## Pin the packages again after a change of pyproject.toml (UPGRADE=1: the newest of each)
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## Remove what was made here (images stay in the engine)
	@rm -rf .venv build dist medperf_tutorial .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .benchmarks
	@find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
