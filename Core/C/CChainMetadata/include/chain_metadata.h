#pragma once
#include <stddef.h>
#include <stdint.h>

// The metadata of tfchain's runtime of spec version 149, as threefoldtech/rmb-rs publishes it (docs/spec/tfchain.md).
// The bytes live as long as the program and belong to it.
const uint8_t *zos_chain_metadata(void);
size_t zos_chain_metadata_size(void);
