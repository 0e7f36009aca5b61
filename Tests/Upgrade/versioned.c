/* A plugin of many versions: VERSION says which, STATE_VERSION the form of what it keeps, and further macros what is wrong with it. */
#define _GNU_SOURCE
#include "zos_plugin.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef STATE_VERSION
#define STATE_VERSION 1
#endif

#ifdef EXPORTS_A_SEGMENT
#define EXPORTS "\"exports\":[{\"kind\":\"segment\",\"value\":{\"segment\":\"n\"}}],"
#else
#define EXPORTS ""
#endif

static const zos_descriptors none;

static zos_bytes bytes(const char *text) { return (zos_bytes){(const uint8_t *)text, strlen(text)}; }

static int count(const char *text, const char *what) {
    int found = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) found++;
    return found;
}

static void hang(void) {
    for (;;) poll(NULL, 0, -1);
}

static void handle(void *state, uint32_t operation, zos_bytes payload, zos_descriptors descriptors, zos_done done,
                   void *token) {
    (void)state;
    (void)descriptors;
    char reply[512], *request = strndup((const char *)payload.pointer, payload.length);
    int32_t status = ZOS_STATUS_OK;
    switch (operation) {
    case ZOS_OPERATION_RECOVER:
#ifdef FAILS_IN_RECOVER
        status = ZOS_STATUS_FAILED;
        snprintf(reply, sizeof reply, "{\"code\":\"no\",\"message\":\"it is not there\"}");
        break;
#endif
    case ZOS_OPERATION_PROVISION:
        if (strstr(request, "\"slow\"")) usleep(2500 * 1000);
        snprintf(reply, sizeof reply,
                 "{\"outcome\":\"ready\",\"result\":{\"by\":\"" VERSION "\",\"%s\":true}," EXPORTS
                 "\"state\":{\"version\":%d,\"data\":{\"by\":\"" VERSION "\"}}}",
                 operation == ZOS_OPERATION_RECOVER ? "recovered" : "provisioned", STATE_VERSION);
        break;
    case ZOS_OPERATION_MIGRATE:
#ifdef TRAPS_IN_MIGRATE
        __builtin_trap();
#endif
#ifdef HANGS_IN_MIGRATE
        hang();
#endif
#ifdef KEEPS_THE_OLD_FORM
        snprintf(reply, sizeof reply, "{\"state\":{\"version\":77,\"data\":null}}");
        break;
#endif
        snprintf(reply, sizeof reply, "{\"state\":{\"version\":%d,\"data\":{\"by\":\"" VERSION "\"}}}", STATE_VERSION);
        break;
    case ZOS_OPERATION_HEALTH:
#ifdef HANGS_IN_HEALTH
        hang();
#endif
#ifdef DIES_IN_HEALTH
        abort();
#endif
#ifdef IS_ILL
        snprintf(reply, sizeof reply, "{\"healthy\":false,\"message\":\"I am not well\"}");
#else
        snprintf(reply, sizeof reply, "{\"healthy\":true,\"message\":\"\"}");
#endif
        break;
    case ZOS_OPERATION_COMMAND:
        snprintf(reply, sizeof reply, "{\"version\":\"" VERSION "\",\"workloads\":%d,\"states\":%d}",
                 count(request, "\"reserved\":"), count(request, "\"state\":{"));
        break;
    case ZOS_OPERATION_CAPACITY: snprintf(reply, sizeof reply, "{\"cru\":0,\"mru\":0,\"sru\":0,\"hru\":0,\"ipv4u\":0}"); break;
    case ZOS_OPERATION_DEPROVISION: snprintf(reply, sizeof reply, "{}"); break;
    default:
        status = ZOS_STATUS_UNSUPPORTED;
        snprintf(reply, sizeof reply, "{\"code\":\"unsupported\",\"message\":\"no such operation\"}");
    }
    done(token, status, bytes(reply), none);
    free(request);
}

static int32_t start(const zos_host *host, zos_bytes configuration, void **state) {
    (void)host;
    (void)configuration;
    (void)state;
#ifdef CRASHES_IN_START
    abort();
#endif
    if (0) hang();
    return 0;
}

static void stop(void *state) { (void)state; }

static const zos_plugin plugin = {
    sizeof(zos_plugin), ZOS_PLUGIN_ABI, "test.versioned", VERSION,
    ZOS_ABILITY(ZOS_OPERATION_RECOVER) | ZOS_ABILITY(ZOS_OPERATION_MIGRATE) | ZOS_ABILITY(ZOS_OPERATION_HEALTH) |
        ZOS_ABILITY(ZOS_OPERATION_COMMAND) | ZOS_ABILITY(ZOS_OPERATION_CAPACITY),
    start, handle, stop,
};

const zos_plugin *zos_plugin_entry(uint32_t abi) { return abi == ZOS_PLUGIN_ABI ? &plugin : 0; }
