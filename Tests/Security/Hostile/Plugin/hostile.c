#define _GNU_SOURCE
#include "hostile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const zos_host *host;
static char *configuration;

long number(const char *request, const char *name, int index) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(request, key);
    if (!at) return 0;
    at += strlen(key);
    if (*at == '[') at++;
    for (; index > 0 && at; index--) {
        at = strchr(at, ',');
        if (at) at++;
    }
    return at ? (*at == '-' ? strtol(at, NULL, 10) : (long)strtoull(at, NULL, 10)) : 0;
}

int text(const char *request, const char *name, char *into, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(request, key);
    into[0] = 0;
    if (!at) return 0;
    at += strlen(key);
    const char *end = strchr(at, '"');
    if (!end || (size_t)(end - at) >= size) return 0;
    memcpy(into, at, (size_t)(end - at));
    into[end - at] = 0;
    return 1;
}

size_t bytes_of(const char *request, const char *name, uint8_t *into, size_t size) {
    char key[64];
    snprintf(key, sizeof key, "\"%s\":\"", name);
    const char *at = strstr(request, key);
    size_t count = 0;
    unsigned byte;
    if (!at) return 0;
    for (at += strlen(key); count < size && sscanf(at, "%2x", &byte) == 1; at += 2) into[count++] = (uint8_t)byte;
    return count;
}

int wants(const char *request, const char *what) {
    char key[96];
    snprintf(key, sizeof key, "\"do\":\"%s\"", what);
    return strstr(request, key) != NULL;
}

void answer(const struct attack *attack, const char *json) {
    zos_bytes reply = {(const uint8_t *)json, strlen(json)};
    attack->done(attack->token, ZOS_STATUS_OK, reply, (zos_descriptors){0, 0});
}

void answer_result(const struct attack *attack, long result, int error) {
    char json[96];
    snprintf(json, sizeof json, "{\"result\":%ld,\"errno\":%d}", result, result < 0 ? error : 0);
    answer(attack, json);
}

void stamp(void) {
    struct timespec now;
    char line[64];
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(line, sizeof line, "at %lld", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    host->log(host->context, ZOS_LOG_NOTICE, (zos_bytes){(const uint8_t *)line, strlen(line)});
}

static void handle(void *state, uint32_t operation, zos_bytes payload, zos_descriptors descriptors, zos_done done,
                   void *token) {
    (void)state, (void)operation;
    char *request = strndup((const char *)payload.pointer, payload.length);
    struct attack attack = {request, descriptors, done, token};
    if (wants(request, "configuration")) answer(&attack, configuration);
    else if (!attack_calls(&attack) && !attack_files(&attack) && !attack_link(&attack) && !attack_node(&attack) &&
             !attack_time(&attack))
        answer(&attack, "{}");
    for (uint32_t index = 0; index < descriptors.count; index++) close(descriptors.pointer[index]);
    free(request);
}

static int32_t start(const zos_host *given, zos_bytes settings, void **state) {
    (void)state;
    host = given;
    configuration = strndup((const char *)settings.pointer, settings.length);
    at_start();
    return 0;
}

static void stop(void *state) {
    (void)state;
    at_stop();
}

static const zos_plugin plugin = {
    sizeof(zos_plugin), ZOS_PLUGIN_ABI, "test.plugin-00000000", "1.0.0", 0, start, handle, stop,
};

const zos_plugin *zos_plugin_entry(uint32_t abi) {
    if (acts_at("entry")) abort();
    return abi == ZOS_PLUGIN_ABI ? &plugin : 0;
}
