# Everything a person or CI types. `make help` lists it.
PYTHON ?= python3
PORT ?= 8080
DATA ?= ./data
V := .venv/bin
.DEFAULT_GOAL := help

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: help
