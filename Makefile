# make demo   sets everything up and runs the quick-start: the whole loop on this machine's CPU, in minutes
# make demo-smollm2   the same with a pretrained model of 135 million parameters, an hour or more
# make test   same set-up, then all tests, on as many cores as there are

PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.ready

.PHONY: demo demo-smollm2 test check setup tools clean

demo: setup
	$(VENV)/bin/itertl run configs/quickstart.yaml

demo-smollm2: setup
	$(VENV)/bin/itertl run configs/smollm2.yaml

test: setup
	$(VENV)/bin/python -m pytest --numprocesses auto --dist worksteal

check: setup
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

setup: tools $(STAMP)

tools:
	@sh scripts/install-tools.sh

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --constraint constraints.txt torch
	$(VENV)/bin/pip install --quiet --constraint constraints.txt --editable '.[train,dev]'
	touch $(STAMP)

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache
