# Everything a newcomer needs: `make demo`, then `make test`. Both build .venv themselves.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
# Two goals at once would build one environment twice.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Taken as written: a path may hold spaces, quotes and dollar signs.
override EXPORT := $(value EXPORT)
override VAULT := $(value VAULT)
POSTS ?= 300000
ROUNDS ?= 5
export EXPORT VAULT POSTS ROUNDS PYTHON FULL
# Only these files are measured, checked and formatted.
PYTHON_FILES := src tests tools bench

.PHONY: help demo serve test check fix docs vectors bench score

help:
	@echo "make demo [EXPORT=path]  preserve a channel, find posts in it, prove one, verify the vault"
	@echo "make serve [VAULT=path]  look at a vault in the browser; without a path, at the tour's"
	@echo "make test                run the tests and hold coverage to its floors"
	@echo "make check               lint, types, architecture, documents"
	@echo "make fix                 format, and mend what lint can mend"
	@echo "make docs                write the generated parts of the documents anew"
	@echo "make vectors             write our own test vectors anew"
	@echo "make score               precision and recall of reading reports, over passages read by hand"
	@echo "make bench [EXPORT=path] [POSTS=$(POSTS)] [ROUNDS=$(ROUNDS)] [FULL=1]"
	@echo "                         measure, side by side, and write docs/benchmarks.md"

demo:
	@tools/environment run
	@case "$$EXPORT" in \
	"") exec $(BIN)/holdfast demo ;; \
	"~/"*) exec $(BIN)/holdfast demo "$$HOME/$${EXPORT#??}" ;; \
	-*) exec $(BIN)/holdfast demo "./$$EXPORT" ;; \
	*) exec $(BIN)/holdfast demo "$$EXPORT" ;; esac

serve:
	@tools/environment run
	@case "$$VAULT" in \
	"") [ -f demo/vestnik.html ] || { rm -rf demo; $(BIN)/holdfast demo --out demo; } && exec $(BIN)/holdfast serve --vault demo/watched ;; \
	"~/"*) exec $(BIN)/holdfast serve --vault "$$HOME/$${VAULT#??}" ;; \
	*) exec $(BIN)/holdfast serve --vault "$$VAULT" ;; esac

test:
	@tools/environment test
	@rm -rf .coverage
	@mkdir -p .coverage
	$(BIN)/coverage run -m pytest --numprocesses auto --dist worksteal
	@$(BIN)/coverage combine --quiet
	@$(BIN)/python -m tools.floors

check:
	@tools/environment test
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/mypy $(PYTHON_FILES)
	$(BIN)/python -m pytest --quiet tests/test_architecture.py tests/test_docs.py

fix:
	@tools/environment test
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/ruff format $(PYTHON_FILES)

docs:
	@tools/environment test
	$(BIN)/python -m tools.documents

vectors:
	@tools/environment test
	$(BIN)/python -m tests.vectors.generate

bench:
	@tools/environment bench
	$(BIN)/python -m bench.run

score:
	@tools/environment test
	$(BIN)/python -m tools.score
