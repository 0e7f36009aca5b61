#include "chain_metadata.h"

// Embedded by the compiler: as a literal of a Swift array the same bytes take the compiler most of a minute.
static const uint8_t bytes[] = {
#embed "tfchain-metadata.scale"
};

const uint8_t *zos_chain_metadata(void) { return bytes; }

size_t zos_chain_metadata_size(void) { return sizeof bytes; }
