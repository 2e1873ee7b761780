# Every target is a command of bootstrap.py, which needs Python 3.11 and nothing else.
# ARGS is passed on: make test ARGS="-k cooldown"

PYTHON ?= python3

.PHONY: help run setup test lint check bench lock clean

help:
	@$(PYTHON) bootstrap.py --help

run setup test lint check bench lock clean:
	@$(PYTHON) bootstrap.py $@ $(ARGS)
