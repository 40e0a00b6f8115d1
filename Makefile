# make help lists what there is; make demo sets everything up and runs the quick-start.

PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.ready
PIP := $(VENV)/bin/pip install --quiet --no-compile --constraint constraints.txt
OFTEN := itertl.cli.app, transformers.models.llama.modeling_llama, peft
PYTEST := $(VENV)/bin/python -m pytest --numprocesses auto --dist worksteal

# Rooms that need neither models nor servers, and what guards the tree as a whole: seconds, where the rest takes minutes.
QUICK := $(addprefix tests/, verilog tools tasks disk verify/test_compare.py verify/test_testbench.py \
         training/test_objectives.py evaluation/test_pass_at_k.py test_config.py test_docs.py test_examples.py \
         test_house.py test_package.py test_records.py test_reference.py test_score.py test_site.py) \
         $(filter-out %/test_known_defects.py, $(wildcard tests/suites/test_*.py))

.PHONY: help demo demo-smollm2 quick test test-trixie check picture reference docs setup tools tools-demo clean

help:  ## what there is to make
	@sed -n 's/^\([a-z0-9-]*\):.*  ## \(.*\)/make \1@\2/p' Makefile | column -t -s @

demo: tools-demo $(STAMP)  ## set up, then run the whole loop on this machine's CPU, in minutes
	$(VENV)/bin/itertl run configs/quickstart.yaml

demo-smollm2: tools-demo $(STAMP)  ## the same with a pretrained model of 135 million parameters, an hour or more
	$(VENV)/bin/itertl run configs/smollm2.yaml

quick: setup check  ## before a commit: check, then the fast tests, in less than a minute
	$(PYTEST) --quiet -m "not slow and not gpu" $(QUICK)

test: setup  ## all tests, on as many cores as there are
	$(PYTEST)

test-trixie:  ## the tests that need no torch in a Debian 13: Icarus Verilog 12, Yosys 0.52, Python 3.13
	@sh scripts/test-trixie.sh

check: setup  ## lint, format, types, layers
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

picture: setup  ## draw the rooms of docs/architecture.md from the imports
	$(VENV)/bin/python -m scripts.draw_rooms

reference: setup  ## write docs/reference/ from the parser, the config's fields and the docstrings
	$(VENV)/bin/python -m scripts.reference

docs: reference  ## the documents as a web site, in site/; a broken link ends it
	$(VENV)/bin/python -m scripts.site
	@echo "site/index.html"

setup: tools $(STAMP)  ## .venv, and the system's packages that are missing

tools:
	@PYTHON=$(PYTHON) sh scripts/install-tools.sh test

tools-demo:
	@PYTHON=$(PYTHON) sh scripts/install-tools.sh demo

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing torch and what else pyproject.toml names into $(VENV): some minutes, 1 to 2 GB."
	$(PIP) $$($(PYTHON) scripts/torch_index.py) torch
	$(PIP) --editable '.[train,dev]'
	@# Of 18,000 modules few are ever imported: these are compiled now, the others when they are.
	PYTHONDONTWRITEBYTECODE= $(VENV)/bin/python -c "import $(OFTEN)"
	touch $(STAMP)

clean:  ## remove .venv and caches
	rm -rf $(VENV) build site .mypy_cache .ruff_cache .pytest_cache
