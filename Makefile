# Two commands for a fresh machine:
#   make demo   sets up, builds, starts a node and shows that it does its job
#   make test   sets up, builds and passes the tests
# and: make build, make conformance, make lint, make format, make bench, make clean; make samples: the sample in Rust, beside the plugins

# One build configuration per command: what is shown and measured is what is shipped, what is tested is debuggable.
demo bench: CONFIG = release
CONFIG ?= debug
JOBS ?= $(shell nproc)
BUILD = $(shell swift build -c $(CONFIG) --show-bin-path)

.PHONY: demo test conformance build tests samples setup lint format guest packages bench faults clean

demo: build
	ZOS_BIN="$(BUILD)" Tests/EndToEnd/demo/run

test: setup lint tests
	scripts/run-tests

tests: setup guest
	swift build --build-tests -j $(JOBS)
	scripts/pack-plugins "$$(swift build --show-bin-path)" build/debug-plugins

# Every plugin through every case of the conformance kit, killed at every point. Reports of JUnit's kind in build/conformance.
conformance: tests
	scripts/pack-sample keyvalue build/debug-plugins
	mkdir -p build/conformance
	for plugin in build/debug-plugins/*; do \
		"$$(swift build --show-bin-path)/zos" plugin test $$plugin --patience 120 \
			--junit build/conformance/$$(basename $$plugin).xml || exit 1; done

build: setup guest
	swift build -c $(CONFIG) -j $(JOBS)
	scripts/pack-plugins "$(BUILD)" build/$(CONFIG)-plugins

samples: build
	scripts/pack-sample keyvalue build/$(CONFIG)-plugins

setup:
	@scripts/setup

guest: setup
	Plugins/zmachine/guest/build.sh Plugins/zmachine/files/guest
	Tests/EndToEnd/demo/rootfs/build.sh build/rootfs/example

lint: setup
	scripts/lint

format:
	swift format -i -r Core PluginSDK Plugins Samples Tests Package.swift

bench: build
	"$(BUILD)/zos-bench" $(BENCH)

# Writes docs/faults.md anew.
faults: tests
	ZOS_FAULTS_TABLE="$(CURDIR)/docs/faults.md" swift test --skip-build --filter FaultTableTests

clean:
	rm -rf .build build
