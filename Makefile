# Taskbridge. `make run` and `make test` need Go alone.

ARCH    ?= arm64
MAPPING ?= taskbridge.yaml
FUZZTIME ?= 60s
SEED    ?= 1
N       ?= 1000000

GO      ?= go
TOOL     = $(GO) tool -modfile=tools/go.mod
FUNCTION = CGO_ENABLED=0 $(GO) build -tags lambda.norpc -trimpath -buildvcs=false -ldflags '-s -w'

# What the example mapping reads from the function's environment.
EXAMPLE_ENV = --env SUBNET_A=subnet-0a1b2c3d4e5f60718 --env SUBNET_B=subnet-0f1e2d3c4b5a69788 --env SECURITY_GROUP=sg-0123456789abcdef0

GOFILES = bench cmd internal infra/cdk/*.go infra/cdk/taskbridge

.DEFAULT_GOAL := help
.PHONY: help build build-local run test check lint fmt bench fuzz differential agree golden botocore moto sim mutants drain crash clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: dist/taskbridge ## function for Lambda (ARCH=arm64 or amd64) with the plan of MAPPING, and the CLI
	GOOS=linux GOARCH=$(ARCH) $(FUNCTION) -o dist/handler/bootstrap ./cmd/handler
	dist/taskbridge compile -o dist/handler/taskbridge.plan.json $(MAPPING)

build-local: dist/taskbridge ## function and CLI for this machine
	$(FUNCTION) -o dist/local/bootstrap ./cmd/handler

.PHONY: dist/taskbridge
dist/taskbridge:
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -o dist/taskbridge ./cmd/taskbridge

run: build-local ## deliver every sample to the real function, against an embedded ECS
	dist/taskbridge run --mapping $(MAPPING) $(EXAMPLE_ENV)

test: ## everything that the project tests by itself; the CDK tests need Node
	$(GO) test -shuffle=on ./...
	@if command -v node >/dev/null; then $(MAKE) --no-print-directory cdk-test; \
	else echo 'test: left out the tests of infra/cdk: they need Node'; fi

check: lint sam-lint cdk-lint sam-compare botocore moto cdk-moto run test ## all that CI does

lint: ## go vet, gofmt, staticcheck, unused code, tidy modules
	$(GO) vet ./...
	$(GO) vet -tags botocore,moto ./internal/localecs ./internal/cli
	@test -z "$$(gofmt -l $(GOFILES))" || { gofmt -l $(GOFILES); echo 'lint: run make fmt'; exit 1; }
	$(GO) mod tidy -diff
	cd infra/cdk && $(GO) mod tidy -diff
	$(TOOL) staticcheck ./...
	cd infra/cdk && $(GO) tool -modfile=../../tools/go.mod staticcheck -tags sam,moto ./...
	@unused=$$($(TOOL) deadcode -test ./... && cd infra/cdk && $(GO) tool -modfile=../../tools/go.mod deadcode -test -tags sam,moto ./...) && \
		test -z "$$unused" || { echo "$$unused"; echo 'lint: nothing uses these'; exit 1; }

fmt: ## format the code
	gofmt -w $(GOFILES)

bench: ## every benchmark, ten times, for benchstat
	$(GO) test -run '^$$' -bench . -benchmem -count 10 ./...

.PHONY: bench-report bench-short bench-soak bench-python
bench-report: ## measure beside what people use instead, a quarter of an hour; writes the tables of docs/performance.md
	$(GO) run ./bench/cmd/report -write docs/performance.md

bench-short: ## the same in two minutes, to see that it runs: nothing is written
	$(GO) run ./bench/cmd/report -short

bench-soak: ## one hour of mixed traffic through one function; fails if it grows
	$(GO) run ./bench/cmd/report -only soak -soak 1h

bench-python: .venv/bench/installed ## install boto3, for the Python function of the report (needs Python 3)

.venv/bench/installed: bench/boto3/requirements.txt
	@command -v python3 >/dev/null || { echo 'bench-python: needs Python 3 with venv'; exit 1; }
	python3 -m venv .venv/bench
	.venv/bench/bin/pip install --quiet --disable-pip-version-check -r bench/boto3/requirements.txt
	@touch $@

fuzz: ## each fuzz target for FUZZTIME
	$(GO) test -run '^$$' -fuzz '^FuzzScan$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/scan
	$(GO) test -run '^$$' -fuzz '^FuzzMatch$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/pattern
	$(GO) test -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/event
	$(GO) test -run '^$$' -fuzz '^FuzzOverrideBytes$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/task
	$(GO) test -run '^$$' -fuzz '^FuzzPlain$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/task
	$(GO) test -run '^$$' -fuzz '^FuzzAgreement$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/localecs
	$(GO) test -run '^$$' -fuzz '^FuzzReadLock$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/verify
	$(GO) test -run '^$$' -fuzz '^FuzzServe$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/localecs
	$(GO) test -run '^$$' -fuzz '^FuzzReadPlan$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/mapping
	$(GO) test -run '^$$' -fuzz '^FuzzBind$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/mapping
	$(GO) test -run '^$$' -fuzz '^FuzzCompile$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/mapping/compile
	$(GO) test -run '^$$' -fuzz '^FuzzRead$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/mappingtest
	$(GO) test -run '^$$' -fuzz '^FuzzImport$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/importer
	$(GO) test -run '^$$' -fuzz '^FuzzStartedBy$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/task
	$(GO) test -run '^$$' -fuzz '^FuzzParse$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/schema
	$(GO) test -run '^$$' -fuzz '^FuzzReadCase$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/cli
	$(GO) test -run '^$$' -fuzz '^FuzzCEL$$' -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./internal/expr/lower

EVALUATIONS ?= 10000000
SEED ?= 1
differential: ## EVALUATIONS random expressions over random events, compared with cel-go, from SEED on
	$(GO) test -count 1 -timeout 0 -v -run '^TestDifferential$$' ./internal/expr/lower -differential $(EVALUATIONS) -differential.seed $(SEED)

REQUESTS ?= 10000000
agree: ## REQUESTS random requests, judged by task.Validate and by the embedded ECS, from SEED on
	$(GO) test -count 1 -timeout 0 -v -run '^TestAgreement$$' ./internal/localecs -requests $(REQUESTS) -seed $(SEED)

sim: ## launching in virtual time with everything going wrong: N histories from SEED on
	$(GO) test -c -o dist/sim.test ./internal/sim
	cd internal/sim && GOGC=400 ../../dist/sim.test -test.run '^TestSim$$' -test.timeout 0 -sim.seed $(SEED) -sim.n $(N)

mutants: ## break launching in every known way, one at a time; the simulation must notice each
	$(GO) test ./internal/sim -run '^TestMutants$$' -count 1 -timeout 0 -v -sim.mutants

EVENTS ?= 10000
SPEED  ?= 10
KILLS  ?= 1000

drain: ## EVENTS events, each twice, through eight processes and an ECS of which every tenth call fails, SPEED times as fast as real
	$(GO) test -c -o dist/handler.test ./cmd/handler
	cd cmd/handler && ../../dist/handler.test -test.run '^TestDrain$$' -test.timeout 0 -drain.events $(EVENTS) -drain.speed $(SPEED)

crash: ## kill the function KILLS times with SIGKILL while it works on a batch
	$(GO) test -c -o dist/handler.test ./cmd/handler
	cd cmd/handler && ../../dist/handler.test -test.run '^TestCrash$$' -test.timeout 0 -crash.kills $(KILLS)

golden: ## rewrite the golden files of the tests
	UPDATE=1 $(GO) test ./...

.venv/cfn-lint: tools/requirements.txt
	@command -v python3 >/dev/null || { echo 'sam-lint: needs Python 3 with venv'; exit 1; }
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r tools/requirements.txt
	@touch $@

botocore: .venv/botocore/installed ## check requests with botocore's own validation (needs Python 3)
	$(GO) test -tags botocore -count 1 -run Botocore ./internal/localecs ./internal/cli

.venv/botocore/installed: tools/requirements-botocore.txt
	@command -v python3 >/dev/null || { echo 'botocore: needs Python 3 with venv'; exit 1; }
	python3 -m venv .venv/botocore
	.venv/botocore/bin/pip install --quiet --disable-pip-version-check -r tools/requirements-botocore.txt
	@touch $@

moto: .venv/moto/installed ## verify against moto, an ECS, EC2 and IAM of other hands (needs Python 3)
	$(GO) test -tags moto -count 1 -run Moto ./internal/cli

.venv/moto/installed: tools/requirements-moto.txt
	@command -v python3 >/dev/null || { echo 'moto: needs Python 3 with venv'; exit 1; }
	python3 -m venv .venv/moto
	.venv/moto/bin/pip install --quiet --disable-pip-version-check -r tools/requirements-moto.txt
	@touch $@

clean: ## remove what the targets made
	rm -rf dist .venv

include infra/targets.mk
