# The menu; `make` alone prints it. Settings: ARGS="…" is passed on, PYTHON3=… starts set-up.

PYTHON3 ?= python3
PYTHON := .venv/bin/python
ARGS ?=
# The model in workspace/serving; of several, one has to be named.
MODELS := $(notdir $(wildcard workspace/serving/*))
MODEL ?= $(strip $(if $(word 2,$(MODELS)),$(error workspace/serving holds several models: choose one of $(MODELS) with MODEL=), \
	$(or $(MODELS),$(error workspace/serving holds no model: `make run` makes one))))
IMAGE ?= tfx-hub-serving:0.3.0
UV = $(or $(shell command -v uv),.boot/bin/uv)
# One process more than two cores, as many a test waits for servers. A file's tests stay in one, and with
# them what its fixtures made. Modules keep their bytecode, without which every process of every test
# compiles the same files again. Fast tests wait for nothing: a third process only collects once more.
PYTEST = PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder
COMPILE = $(UV) pip compile --quiet --generate-hashes --custom-compile-command "make lock" $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help setup doctor run test test-fast mutants test-extended check lint types imports mirror format bench bench-serving bench-data \
	bench-inspection bench-models bench-scale faults tensorboard serve predict demo inspect kubeflow image code-image docs coverage test-any-order \
	release-check litert lock clean

help:  ## print this menu
	@awk -F ':.*## ' '/^### / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

### Make and serve a model

setup:  ## make .venv from the lock for this machine; does nothing when nothing changed
	@$(PYTHON3) tools/setup_env.py

doctor:  ## what would stop a run here? (ARGS=--json)
	@$(PYTHON3) tools/doctor.py $(ARGS)

run: setup  ## run the pipeline (ARGS="--config configs/quick.yaml --root /tmp/quick")
	@$(PYTHON) local_runner.py $(ARGS)

### Change this project

test: setup  ## every test but those of test-extended
	$(PYTEST) -m "not extended" $(ARGS)

test-fast: setup  ## the tests that take no more than a quarter of a second each
	$(PYTEST) -n 2 -m "not slow and not medium" $(ARGS)

mutants: setup  ## wrong models that the serving check has to refuse, and right ones that it has to bless
	$(PYTEST) -n 2 --dist loadgroup -m slow tests/components/serving_check/mutants/test_mutants.py $(ARGS)

test-extended: setup  ## what others hold already, in more surroundings and with more data (ARGS="--minutes 10")
	$(PYTEST) -m extended -p tools.time_limit $(ARGS)

coverage: setup  ## the tests that are not slow, and the share of lines of each room that they run (current lane)
	$(PYTEST) -m "not slow" -p tools.line_coverage $(ARGS)

test-any-order: setup  ## the same tests in an order that chance makes (ARGS="--seed 7" for that of an earlier run)
	$(PYTEST) -m "not slow" -p tools.any_order $(ARGS)

check: setup  ## everything that is checked without running the code
	@$(MAKE) --no-print-directory -j 2 lint types imports mirror

lint: setup  ## ruff: rules and format
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check

types: setup  ## mypy
	$(PYTHON) -m mypy

imports: setup  ## import-linter: who may import whom
	.venv/bin/lint-imports --no-logo --cache-dir .cache/import_linter

mirror: setup  ## which files have no test at their place
	@$(PYTHON) -m tools.mirror

format: setup  ## mend what ruff can mend
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

### Measure

bench: setup  ## the cost of production: this pipeline against a plain script and stock TFX
	$(PYTHON) -m benchmarks.production_tax $(ARGS)

bench-serving: setup  ## the embedded model server against its targets and its peers
	$(PYTHON) -m benchmarks.serving $(ARGS)

bench-data: setup  ## models of tables and texts against scikit-learn, and what reading and serving them costs
	$(PYTHON) -m benchmarks.data $(ARGS)

bench-models: setup  ## variants, published modules and the search for settings
	$(PYTHON) -m benchmarks.models $(ARGS)

bench-scale: setup  ## ten times the images: what reading them costs by the number of shards; and a second replica
	$(PYTHON) -m benchmarks.scale $(ARGS)

bench-inspection: setup  ## questions and pages on stores of hundreds and thousands of runs
	$(PYTHON) -m benchmarks.inspection $(ARGS)

faults: setup  ## ten minutes of kills, full disks, mangled files and odd surroundings
	$(PYTHON) -m tests.faults $(ARGS)

### Look at a model

tensorboard: setup  ## training curves of every run, on http://localhost:6006
	$(PYTHON) -m tensorboard.main --logdir workspace/artifacts/Trainer/model_run $(ARGS)

serve: setup  ## serve the live model on http://127.0.0.1:8501
	$(PYTHON) -m serving.server --rest_api_port=8501 --model_name=$(MODEL) \
		--model_base_path="$(CURDIR)/workspace/serving/$(MODEL)" $(ARGS)

predict:  ## ask the served model about one image
	curl --fail-with-body --silent --show-error --data @workspace/request.json \
		http://127.0.0.1:8501/v1/models/$(MODEL):predict

demo: setup  ## a web page over the live model: draw, upload or pick an image
	@$(PYTHON) -m serving demo --base-path workspace/serving/$(MODEL) $(ARGS)

inspect: setup  ## explore what happened and why in a browser, on http://127.0.0.1:8700
	@$(PYTHON) -m inspection web $(ARGS)

### Put it on a cluster

kubeflow: setup  ## compile for open-source Kubeflow Pipelines, validate, and execute it here
	@$(PYTHON) kubeflow_runner.py check $(ARGS)

image:  ## build the container image (needs Docker)
	docker build --file docker/Dockerfile --tag $(IMAGE) $(ARGS) .

code-image:  ## put a folder of your own code on top of the image: CODE=trips FROM=image IMAGE=new (needs Docker)
	$(foreach name,CODE FROM,$(if $($(name)),,$(error $(name)= is missing: make code-image CODE=trips FROM=image IMAGE=new)))
	$(if $(filter file,$(origin IMAGE)),$(error IMAGE= is missing: that of the project would be written over))
	docker build --file docker/code.Dockerfile --build-arg IMAGE=$(FROM) --build-arg CODE="$(notdir $(CODE))" --tag $(IMAGE) $(ARGS) "$(CODE)"

### Keep house

litert: setup  ## an environment of LiteRT and numpy alone, in which tests ask published variants
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .cache/litert
	$(UV) pip install --quiet --require-hashes --python .cache/litert/bin/python -r locks/litert.lock

release-check: setup  ## can this checkout be released? clean, one version, dated, installs and starts
	@$(PYTHON) -m tools.release

docs: setup  ## these docs as a site with search and an API, in build/site; broken links fail
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .cache/docs
	$(UV) pip install --quiet --require-hashes --python .cache/docs/bin/python -r locks/docs.lock
	@NO_MKDOCS_2_WARNING=1 .cache/docs/bin/python -m mkdocs build $(ARGS)
	@echo "Open build/site/index.html, or serve the folder: python3 -m http.server --directory build/site"

lock: setup  ## resolve all locks again; newer versions only with ARGS=--upgrade
	$(COMPILE) --python-version 3.10 --overrides locks/compat.overrides \
		locks/compat.in -o locks/compat.lock
	$(COMPILE) --universal --python-version 3.11 --overrides locks/current.overrides \
		locks/current.in -o locks/current.lock
	$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_40 \
		--overrides locks/image.overrides locks/image.in -o locks/image.lock
	$(COMPILE) --universal --python-version 3.8 locks/uv.in -o locks/uv.lock
	$(COMPILE) --universal --python-version 3.10 locks/peers.in -o locks/peers.lock
	$(COMPILE) --universal --python-version 3.10 locks/litert.in -o locks/litert.lock
	$(COMPILE) --universal --python-version 3.10 locks/docs.in -o locks/docs.lock

clean:  ## remove caches and build leftovers; .venv and workspace/ stay
	rm -rf .cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -not -path './.boot/*' -prune -exec rm -rf {} +
