# One verb a line; all thin over .venv/bin. Only python3 >= 3.11, git and make are needed.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
DIR ?= .
BASE ?= HEAD
BIN := .venv/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip install --quiet
MERMAID := deploy/site/node_modules/.package-lock.json
PAYLOADS := tests/webhook_payloads/node_modules/.package-lock.json
PAGE_PARTS := bot/page/node_modules/.package-lock.json
PAGE := bot/report/built/LICENSES.txt

.PHONY: setup check test accept demo docs site part-locks bench corpus replay soak serve review

setup: .venv/ready .venv/compiled $(PAGE) ; @:
check: setup ; @$(BIN)/ruff format --check --quiet && $(BIN)/ruff check --quiet && $(BIN)/mypy --no-error-summary && $(BIN)/lint-imports --no-logo && $(BIN)/node bot/page/node_modules/typescript/bin/tsc --project bot/page
test: check $(PAYLOADS) $(MERMAID) .venv/shipping .venv/browser ; @$(BIN)/pytest
accept: setup $(PAYLOADS) $(MERMAID) .venv/shipping .venv/browser ; @$(BIN)/pytest --accept
demo: setup ; @KEEP='$(KEEP)' $(BIN)/python -m tests.demo
docs: setup ; @$(BIN)/python -m tests.docs
site: docs $(MERMAID) .venv/shipping ; @$(BIN)/python -m tests.site
part-locks: setup ; @$(BIN)/python -m tests.part_locks
bench: setup $(PAYLOADS) .venv/shipping ; @$(BIN)/python -m tests.bench
corpus: setup ; @$(BIN)/python -m tests.corpus && $(BIN)/python -m tests.corpus_splits && $(BIN)/python -m tests.corpus_fixes && $(BIN)/python -m tests.corpus_rules && $(BIN)/python -m tests.corpus_edits
replay: setup ; @$(BIN)/python -m tests.replay
soak: setup $(PAYLOADS) $(MERMAID) .venv/shipping .venv/browser ; @PART='$(PART)' $(BIN)/python -m tests.soak
serve: setup ; @$(BIN)/fluxbot serve --with-worker
review: setup ; @$(BIN)/fluxbot review $(DIR) --base $(BASE)

# What the lock says and nothing else, so a new lock starts from an empty folder.
.venv/locked: requirements.lock
	@test -n "$(PYTHON)" || { echo "no Python of version 3.11 or newer with ensurepip found; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv (a minute or two, once)"
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

# What judges deploy/ and makes the site: 300 MB that neither the demo nor a change of a rule needs.
.venv/shipping: requirements-shipping.lock .venv/locked
	@$(PIP) --require-hashes --requirement $<
	@touch $@

# A browser to look at the review page with. Without one those tests are skipped, each with a word about it.
.venv/browser: | .venv/locked
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium fonts-inter; } >/dev/null 2>&1 || echo "chromium is not there and cannot be installed here; nobody looks at the review page" >&2
	@touch $@

.venv/ready: .venv/locked pyproject.toml
	@PYTHONWARNINGS='ignore:Editable installation' $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Nobody else may write it: some machines have PYTHONDONTWRITEBYTECODE set, and then every start compiles everything.
.venv/compiled: .venv/locked $(shell find bot -name node_modules -prune -o -name '*.py' -print)
	@$(BIN)/python -m compileall -q bot
	@touch $@

# The review page. The licences of what it is made of are written last.
$(PAGE): $(PAGE_PARTS) bot/page/build.mjs $(wildcard bot/page/src/*)
	@$(BIN)/node bot/page/build.mjs $(@D)

# npm writes this file at the end of what it does, so a broken attempt is made again.
$(PAYLOADS) $(MERMAID) $(PAGE_PARTS): %/node_modules/.package-lock.json: %/package-lock.json | .venv/locked
	@$(BIN)/npm ci --prefix $(<D) --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@
