# All tasks of this repository. `make` alone lists them.
#
# A machine needs Rust (https://rustup.rs), Node 20 or newer, and a C compiler; scripts/setup.mjs
# installs everything else into node_modules/ and .tools/. A step runs only if a file that it
# depends on is newer than its output. GNU make 3.81 (macOS) is enough.

# Not /bin/sh: with it make runs simple commands itself, and finds them in the PATH that it was
# started with instead of the one set here.
SHELL := /bin/bash

PORT ?= 8787
STATE ?= .wrangler/state
FEED ?= simulated
EVERY ?= 2
SECONDS ?= 20
FEED_URL ?=
# run.mjs and replay.mjs read these.
export PORT STATE FEED FEED_URL EVERY

export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools/bin:$(PATH):$(HOME)/.cargo/bin
# worker-build would download its own copies.
export WASM_BINDGEN_BIN := $(CURDIR)/.tools/bin/wasm-bindgen
export WASM_OPT_BIN := $(CURDIR)/node_modules/.bin/wasm-opt
export ESBUILD_BIN := $(CURDIR)/node_modules/.bin/esbuild
# A hash function in the Worker is seeded when it is compiled: always alike, so that two builds are.
export CONST_RANDOM_SEED := overflight
# Wrangler sends no reports to the internet.
export WRANGLER_SEND_METRICS := false
export WRANGLER_SEND_ERROR_REPORTS := false

CARGO_FILES := Cargo.toml Cargo.lock build.rs client/Cargo.toml
SOURCES := $(shell find src -type f)
CARGO_FUZZ_VERSION := 0.13.2
CARGO_MUTANTS_VERSION := 27.1.0
FUZZ_TARGETS := $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
OBJECTS := $(shell find objects -type f 2>/dev/null)
CLIENT := $(shell find client -type f -not -path '*/target/*' -not -path 'client/test/*')

ENCODER := $(shell find tests/encoder -type f)

.PHONY: help run replay test check bench fuzz mutants soak build deploy clean setup setup-test

help:
	@echo 'make run      build what is missing and serve the map on http://localhost:$(PORT)'
	@echo '              PORT=8787, STATE=.wrangler/state, FEED=simulated | opensky | readsb | push'
	@echo 'make replay   push recorded OpenSky responses to a running server:'
	@echo '              FILES="a.json b.json.gz folder", EVERY=2 seconds, INGEST_TOKEN=…'
	@echo 'make test     all tests; make check: only formatting, lints and types'
	@echo 'make bench    bytes per aircraft, times per frame, country and snapshot, a frame to 4,000'
	@echo '              clients; BENCH_DATA=folder of recorded OpenSky responses; target/bench.json'
	@echo 'make fuzz     every decoder against hostile bytes, SECONDS=20 each'
	@echo 'make mutants  changes the code in one place at a time; a test must notice each: SAMPLE=300,'
	@echo '              SEED=1, or FILES="src/route/*.rs src/text.rs"; an hour on two cores'
	@echo 'make soak     tests of minutes and gigabytes: clients that stop reading, a full region,'
	@echo '              fifty power cuts, an hour beside two hundred attackers, SEED=53'
	@echo 'make build    the Worker into build/, the map into dist/'
	@echo 'make deploy   build and publish to Cloudflare (npx wrangler login once)'
	@echo 'make clean    remove what was built; tools and local state stay'

setup:
	@node scripts/setup.mjs

setup-test:
	@node scripts/setup.mjs test

# ---- building ---------------------------------------------------------------------------------

# BUILT=1: the files were built elsewhere. Wrangler runs `make build` before it deploys.
ifeq ($(BUILT),)
build: build/index.js dist/index.html
else
build:
	@for file in build/index.js build/index_bg.wasm dist/index.html dist/boundaries.bin; do \
		test -s $$file || { echo "build: BUILT is set, yet $$file is missing"; exit 1; }; \
	done
endif

# The Worker embeds the fingerprint of its boundaries.
build/index.js: $(CARGO_FILES) migrations.toml $(SOURCES) $(OBJECTS) dist/boundaries.bin | setup
	@echo 'build: the Worker (first time about 3 minutes on two cores, later less)'
	worker-build --release -- --locked
	@touch $@

# The map: the page, its program, and the decoder, which is this crate compiled for the browser.
dist/index.html: $(CARGO_FILES) $(SOURCES) $(CLIENT) package-lock.json | setup
	@echo 'build: the map (first time about a minute on two cores)'
	node client/build.mjs
	@touch $@

# The Worker's side of the wire, for tests and the bench in JavaScript.
target/encoder/encoder.wasm: $(CARGO_FILES) $(SOURCES) $(ENCODER) client/wasm.mjs | setup
	@echo 'build: the encoder for tests (first time about a minute on two cores)'
	node tests/encoder/build.mjs
	@touch $@

dist/boundaries.bin: $(wildcard examples/boundaries/*.rs) $(filter src/earth/%,$(SOURCES)) package-lock.json | setup dist/index.html
	@echo 'build: the country boundaries (first time about a minute on two cores)'
	cargo run --locked --release --no-default-features --example boundaries -- \
		node_modules/world-atlas/countries-10m.json $@

# ---- running ----------------------------------------------------------------------------------

run:
	@node scripts/run.mjs check
	@test -e build/index.js || echo 'First build: about 15 minutes on two cores; later starts take seconds.'
	@$(MAKE) --no-print-directory build
	@node scripts/run.mjs

replay: | setup
	@node scripts/replay.mjs $(FILES)

# The jobs' Worker is bound to an object of the other one, which must be there first.
deploy: build
	set -e; for file in $$(node scripts/workers.mjs); do wrangler deploy --config=$$file; done

# ---- testing ----------------------------------------------------------------------------------

# The types for checking the map's program come from the build of its decoder and from the API's
# description. They are only types, so no build needs the latter.
API_TYPES := scripts/api-types
target/openapi/api.d.ts: src/openapi.json $(API_TYPES)/package-lock.json | setup-test
	$(API_TYPES)/node_modules/.bin/openapi-typescript $< --output $@

check: dist/index.html target/openapi/api.d.ts | setup-test
	cargo fmt --all --check
	cargo clippy --locked -p overflight --all-targets -- -D warnings
	cargo clippy --locked -p overflight --all-targets --no-default-features -- -D warnings
	cargo clippy --locked -p overflight-client -p overflight-encoder --target wasm32-unknown-unknown -- -D warnings
	tsc -p client

# Each test once. Code that needs the platform is tested on workerd. A test with a server waits for
# it half of its time, so three files keep two cores busy. What they measure is CPU time and memory.
test: check build target/encoder/encoder.wasm
	cargo test --locked -p overflight --no-default-features
	cargo test --locked -p overflight-client
	cargo test --locked --release -p overflight --no-default-features --test boundaries
	node --test client/test/*.test.mjs tests/golden/*.test.mjs tests/parquet/*.test.mjs
	node --test --test-concurrency=3 tests/browser/*.test.mjs tests/edge/*.test.mjs \
		tests/edge/attacks/*.test.mjs

bench: build target/encoder/encoder.wasm
	cargo bench --locked --quiet -p overflight --no-default-features --bench wire
	node tests/bench/report.mjs

soak: build | setup-test
	node --test --test-concurrency=1 --test-reporter=spec tests/soak/*.test.mjs

# The seeds are committed (`cargo run --example fuzz_seeds` writes them); new findings go to
# fuzz/corpus. A stable compiler accepts libFuzzer's flags only with RUSTC_BOOTSTRAP.
fuzz:
	@command -v cargo-fuzz >/dev/null || \
		cargo install --locked cargo-fuzz@$(CARGO_FUZZ_VERSION) --root .tools
	@for target in $(FUZZ_TARGETS); do \
		echo "fuzz: $$target, $(SECONDS) s"; mkdir -p fuzz/corpus/$$target; \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 || exit 1; \
	done

# Compiles and tests hundreds of times, which is too long for `test`.
mutants: dist/boundaries.bin | setup
	@command -v cargo-mutants >/dev/null || \
		cargo install --locked cargo-mutants@$(CARGO_MUTANTS_VERSION) --root .tools
	@node scripts/mutants.mjs

clean:
	rm -rf build dist target .*.wrangler.json
