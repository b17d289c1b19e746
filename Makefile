# One command per job; `make help` lists them.

# Where everything is built, whatever the environment says: scripts rely on it.
export CARGO_TARGET_DIR := $(CURDIR)/target
SCRIPTS := tests/scripts
CLUSTER := target/tools/cluster

# A recipe that prints a path for scripts prints nothing else.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# Recipes use one shell each and stop at the first failure.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-15s %s\n", $$1, $$2 }'

.PHONY: demo
demo: ## Deploy examples/complete to a cluster and check what is served (KUBECONFIG: use that cluster)
	@$(SCRIPTS)/setup.sh build demo
	@$(MAKE) mirror
	@$(SCRIPTS)/demo.sh

# What has started a cluster takes it down, so that this compiles nothing.
.PHONY: demo-down
demo-down: ## Destroy what the demo made, the local cluster and all files of theirs
	@[ -x $(CLUSTER) ] || $(SCRIPTS)/setup.sh command
	@$(SCRIPTS)/demo-down.sh

.PHONY: test
test: ## Run every test, on the local cluster too (ARGS: arguments for cargo test)
	@$(SCRIPTS)/setup.sh build cluster test
	@$(SCRIPTS)/test.sh $(ARGS)

.PHONY: soak
soak: ## Run the tests that are too large for every run: gigabytes, minutes
	@$(SCRIPTS)/setup.sh build cluster test
	@$(SCRIPTS)/test.sh --test integration -- --ignored --nocapture soak_

.PHONY: test-operators
test-operators: ## Run the chart under the Prometheus Operator, Traefik, cert-manager, enforced policies (builds them: 15 minutes and more)
	@$(SCRIPTS)/setup.sh build cluster test operators
	@$(SCRIPTS)/test-operators.sh $(ARGS)

.PHONY: test-nodes
test-nodes: ## Drain each node of a cluster of three while the site is read and its storage is written to
	@$(SCRIPTS)/setup.sh build cluster test
	@$(SCRIPTS)/test-nodes.sh $(ARGS)

.PHONY: lint
lint: ## Check formats, clippy, go vet, the chart, the scripts and the dependencies
	@$(SCRIPTS)/setup.sh build test deny
	@$(SCRIPTS)/lint.sh

.PHONY: setup
setup: ## Install what is missing: system packages, and tools built from source
	@$(SCRIPTS)/setup.sh build cluster test deny

.PHONY: build
build: ## Build target/release/terraform-provider-s3www
	@$(SCRIPTS)/setup.sh build
	@. $(SCRIPTS)/lib.sh; S3WWW_VERSION=$$(version); export S3WWW_VERSION; cargo build --release --locked

.PHONY: mirror
mirror: build ## Build, and put the provider into the mirror target/mirror
	@$(SCRIPTS)/mirror.sh

.PHONY: install
install: build ## Build, and install for this user: Terraform and OpenTofu find it without configuration
	@$(SCRIPTS)/install.sh

.PHONY: cluster-up
cluster-up: ## Start the local cluster and wait until it works
	@$(SCRIPTS)/setup.sh cluster
	@$(CLUSTER) up

.PHONY: cluster-down
cluster-down: ## End the local cluster and remove all of it
	@[ -x $(CLUSTER) ] || $(SCRIPTS)/setup.sh command
	@$(CLUSTER) down

.PHONY: cluster-status
cluster-status: ## Show what runs in the local cluster
	@$(SCRIPTS)/setup.sh command
	@$(CLUSTER) status

.PHONY: kubeconfig
kubeconfig: ## Print the path of the local cluster's kubeconfig
	@$(SCRIPTS)/setup.sh command >&2
	@$(CLUSTER) kubeconfig

.PHONY: bench
bench: ## Measure plans, and objects beside mc (run `make demo` first)
	@$(SCRIPTS)/bench.sh

.PHONY: bench-large
bench-large: ## The same with 4 GiB and 10,000 objects (12 GB of disk, half an hour)
	@SIZES='1 1M 512M 4G' OBJECTS='1000 10000' ROUNDS=3 $(SCRIPTS)/bench.sh

.PHONY: bench-directory
bench-directory: build ## Measure folders of 1,000 to 20,000 files on a MinIO of its own, beside `mc mirror`
	@$(SCRIPTS)/setup.sh test
	@$(SCRIPTS)/bench-directory.sh

.PHONY: docs
docs: ## Check the pages (UPDATE=1: write what is made of the code), and build the code's documentation (target/doc)
	@$(SCRIPTS)/setup.sh build test
	@$(SCRIPTS)/docs.sh
	cargo doc --locked --no-deps --document-private-items

.PHONY: proto
proto: ## Write the wire's code anew from its .proto files
	cargo run --manifest-path tests/proto/Cargo.toml

.PHONY: dist
dist: ## Build and pack a release for the registry or a mirror (TARGETS: Rust targets; default: this machine's)
	@$(SCRIPTS)/setup.sh build dist
	@$(SCRIPTS)/dist.sh $(TARGETS)

.PHONY: dist-check
dist-check: ## Build a release of the last commit in two other folders, and compare them byte for byte (TARGETS)
	@$(SCRIPTS)/setup.sh build dist
	@$(SCRIPTS)/dist-check.sh $(TARGETS)

.PHONY: deny
deny: ## Check all dependencies against deny.toml (CHECKS: without `advisories` where GitHub is out of reach)
	@$(SCRIPTS)/setup.sh build deny
	target/tools/cargo-deny --locked check $(or $(CHECKS),advisories bans licenses sources)

.PHONY: clean
clean: cluster-down ## Remove everything that was built here, and the local cluster
	rm -rf target
