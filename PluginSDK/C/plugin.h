/* plugin.h: inside of a running plugin, for the files of this folder. */
#ifndef ZOS_PLUGIN_INSIDE_H
#define ZOS_PLUGIN_INSIDE_H

#include "json.h"
#include <pthread.h>

/* Operations at a time; more wait. */
#define ZOS_THREADS 16

typedef struct zos_job zos_job;

typedef struct zos_running {
    const zos_definition *definition;
    zos_host host;
    zos_json *configuration;
    void *state;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    zos_job *first, *last;
    unsigned jobs, idle, count;
    bool ending;
    pthread_t threads[ZOS_THREADS];
} zos_running;

/* One request, from its arrival to its answer. */
struct zos_job {
    zos_running *running;
    zos_job *next;
    zos_done done;
    void *token;
    uint32_t operation;
    uint64_t length;
    uint8_t *request; /* behind the struct */
};

struct zos_context {
    zos_running *running;
    const char *workload;
    int32_t status; /* 0 while nothing has failed */
    char code[64];
    char message[1024];
};

/* Has a thread run the job; false if there is none. */
bool zos_pool_run(zos_running *running, zos_job *job);
/* Waits for all jobs and ends the threads. */
void zos_pool_end(zos_running *running);
/* Serves a job, answers it and frees it. */
void zos_job_run(zos_job *job);

static inline zos_bytes zos_borrow(const char *text, size_t length) {
    zos_bytes bytes = {(const uint8_t *)text, length};
    return bytes;
}

#endif
