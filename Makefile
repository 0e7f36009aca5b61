# Two commands for a fresh machine:
#   make demo   sets up, builds, starts a node and shows that it does its job
#   make test   sets up, builds and passes the tests
# and: make build, make conformance, make lint, make format, make bench, make fuzz, make clean; make samples: the sample in Rust, beside the plugins;
# make protobuf: the generated Swift of Core/RMB/Relay/Envelope/envelope.proto

# One build configuration per command: what is shown and measured is what is shipped, what is tested is debuggable.
demo bench: CONFIG = release
CONFIG ?= debug
JOBS ?= $(shell nproc)
BUILD = $(shell swift build -c $(CONFIG) --show-bin-path)

.PHONY: fuzz demo test conformance build tests samples setup python lint format guest packages bench faults protobuf clean

demo: build
	ZOS_BIN="$(BUILD)" Tests/EndToEnd/demo/run

test: setup lint tests
	scripts/run-tests

tests: setup guest python
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

# A foreign client of the chain, for the tests.
python: setup
	@scripts/python-setup

guest: setup
	Plugins/zmachine/guest/build.sh Plugins/zmachine/files/guest
	Tests/EndToEnd/demo/rootfs/build.sh build/rootfs/example

lint: setup
	scripts/lint

format:
	swift format -i -r Core PluginSDK Plugins Samples Tests Package.swift

bench: build
	"$(BUILD)/zos-bench" $(BENCH)

# Every decoder that sees bytes of strangers, FUZZ_SECONDS each (docs/fuzzing.md); FUZZ names some of them.
FUZZ_SECONDS ?= 600
fuzz: setup guest
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz $(FUZZ)

# Writes docs/faults.md anew.
faults: tests
	ZOS_FAULTS_TABLE="$(CURDIR)/docs/faults.md" swift test --skip-build --filter FaultTableTests

# Writes the Swift of the envelopes anew. Needs protoc (Debian's protobuf-compiler) and the generator of the library's
# version: `swift build --product protoc-gen-swift` in a clone of swift-protobuf at the tag that Package.resolved names;
# PROTOC_GEN_SWIFT is the program that this makes.
PROTOC_GEN_SWIFT ?= $(shell command -v protoc-gen-swift)
protobuf:
	@command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler"; exit 1; }
	@[ -x "$(PROTOC_GEN_SWIFT)" ] || { echo "say where protoc-gen-swift is: make protobuf PROTOC_GEN_SWIFT=..."; exit 1; }
	protoc --plugin=protoc-gen-swift="$(PROTOC_GEN_SWIFT)" --swift_opt=Visibility=Internal \
		--proto_path=Core/RMB/Relay/Envelope --swift_out=Core/RMB/Relay/Envelope envelope.proto

clean:
	rm -rf .build build
