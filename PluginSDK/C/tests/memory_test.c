/* Every allocation of the kit fails once: nothing crashes, nothing leaks, every request gets one answer. Link with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc, and run it under sanitizers. */
#include "zos_testing.h"
#include <pthread.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

/* How many allocations still succeed; negative: all. Under a lock, since handlers run on threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long left = -1;

static bool fails(void) {
    pthread_mutex_lock(&lock);
    bool now = left == 0;
    if (left > 0) left--;
    else if (now) left = -1; /* once */
    pthread_mutex_unlock(&lock);
    return now;
}

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *old, size_t size) { return fails() ? NULL : __real_realloc(old, size); }

static void allow(long allocations) {
    pthread_mutex_lock(&lock);
    left = allocations;
    pthread_mutex_unlock(&lock);
}

/* Whether the failure has happened: there were that many allocations. */
static bool has_failed(void) {
    pthread_mutex_lock(&lock);
    bool happened = left < 0;
    left = -1;
    pthread_mutex_unlock(&lock);
    return happened;
}

static void json_with(long allocations) {
    static const char text[] = "{\"a\":[1,\"two\",{\"b\":null}],\"c\":\"\\u00e9\",\"d\":{}}";
    allow(allocations);
    zos_json *value = zos_json_parse(text, sizeof text - 1, NULL, NULL);
    zos_json *copy = zos_json_copy(zos_member(value, "a"));
    char *written = zos_json_write(copy, NULL);
    zos_json *built = zos_object("x", zos_format("%d", 7), "y", copy, "z", zos_append(zos_array(), zos_number(1)), NULL);
    built = zos_set(built, "x", zos_string("again"));
    free(written);
    zos_json_free(value);
    zos_json_free(built);
}

static int32_t answered;
static unsigned answers;
static pthread_cond_t arrival = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t waiting = PTHREAD_MUTEX_INITIALIZER;

static void take(void *token, int32_t status, zos_bytes reply, zos_descriptors descriptors) {
    (void)token;
    (void)descriptors;
    ZOS_EXPECT(reply.length > 0);
    pthread_mutex_lock(&waiting);
    answered = status;
    answers++;
    pthread_cond_signal(&arrival);
    pthread_mutex_unlock(&waiting);
}

static void log_line(void *context, uint32_t level, zos_bytes message) {
    (void)context;
    (void)level;
    (void)message;
}

static void serve(
    void *context, zos_bytes service, zos_bytes request, zos_descriptors descriptors, zos_done done, void *token) {
    static const char facts[] = "{\"cpus\":[1,2],\"name\":\"x\"}";
    zos_bytes bytes = {(const uint8_t *)facts, sizeof facts - 1};
    zos_descriptors none = {NULL, 0};
    (void)context;
    (void)service;
    (void)request;
    (void)descriptors;
    done(token, ZOS_STATUS_OK, bytes, none);
}

/* A whole life of the plugin: start, an operation with a call, stop. */
static bool plugin_with(long allocations) {
    static const char request[] = "{\"subject\":{\"id\":\"1-2-a\",\"data\":{\"do\":\"call\"}}}";
    const zos_plugin *plugin = zos_plugin_entry(ZOS_PLUGIN_ABI);
    zos_host host = {sizeof host, ZOS_PLUGIN_ABI, NULL, log_line, serve};
    zos_bytes bytes = {(const uint8_t *)request, sizeof request - 1}, nothing = {NULL, 0};
    zos_descriptors none = {NULL, 0};
    void *state = NULL;
    unsigned before = answers;
    allow(allocations);
    if (plugin->start(&host, nothing, &state) == 0) {
        plugin->handle(state, ZOS_OPERATION_PROVISION, bytes, none, take, NULL);
        pthread_mutex_lock(&waiting);
        while (answers == before) pthread_cond_wait(&arrival, &waiting);
        pthread_mutex_unlock(&waiting);
        plugin->stop(state);
        ZOS_EXPECT(answers == before + 1);
    } else answered = ZOS_STATUS_FAILED;
    bool happened = has_failed();
    ZOS_EXPECT(happened || answered == ZOS_STATUS_OK);
    return happened;
}

int main(void) {
    long rounds = 0, lives = 0;
    do json_with(rounds++);
    while (has_failed());
    while (plugin_with(lives)) lives++;
    ZOS_EXPECT(rounds > 40 && lives > 20);
    printf("memory: %ld and %ld allocations failed, all good\n", rounds - 1, lives);
    return 0;
}
