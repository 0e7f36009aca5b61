/* A plugin that attacks. Tests build the attack out of the primitives here; each answers with what the kernel said. */
#ifndef HOSTILE_H
#define HOSTILE_H
#include "zos_plugin.h"
#include <stddef.h>
#include <stdint.h>

/* The worker's socket to the node. */
enum { LINK = 3 };

extern const zos_host *host;

/* A request, and the way to its answer. */
struct attack {
    const char *request;
    zos_descriptors descriptors;
    zos_done done;
    void *token;
};

/* Members of a request: numbers, texts without escapes, bytes in hex. Absent ones are 0 or empty. */
long number(const char *request, const char *name, int index);
int text(const char *request, const char *name, char *into, size_t size);
size_t bytes_of(const char *request, const char *name, uint8_t *into, size_t size);
int wants(const char *request, const char *what);

void answer(const struct attack *attack, const char *json);
void answer_result(const struct attack *attack, long result, int error);
/* Tells the node the time at which the next thing happens, by a log note. */
void stamp(void);

/* Each family: whether it knew the request. */
int attack_calls(const struct attack *attack);
int attack_files(const struct attack *attack);
int attack_link(const struct attack *attack);
int attack_node(const struct attack *attack);
int attack_time(const struct attack *attack);

/* Whether this object was told to act at that moment of its life. */
int acts_at(const char *moment);
void at_start(void);
void at_stop(void);
#endif
