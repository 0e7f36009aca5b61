/* The least that a plugin can do: every request's payload is its reply. */
#include "zos_plugin.h"

static int32_t start(const zos_host *host, zos_bytes configuration, void **state) {
    (void)host, (void)configuration, (void)state;
    return ZOS_STATUS_OK;
}

static void handle(void *state, uint32_t operation, zos_bytes payload, zos_descriptors descriptors, zos_done done,
                   void *token) {
    (void)state, (void)operation, (void)descriptors;
    done(token, ZOS_STATUS_OK, payload, (zos_descriptors){0, 0});
}

static void stop(void *state) { (void)state; }

static const zos_plugin plugin = {
    sizeof(zos_plugin), ZOS_PLUGIN_ABI, "bench.pass", "1.0.0", ZOS_ABILITY(ZOS_OPERATION_CAPACITY), start, handle, stop,
};

const zos_plugin *zos_plugin_entry(uint32_t abi) { return abi == ZOS_PLUGIN_ABI ? &plugin : 0; }
