/* Threads that run what may wait. They come when they are needed and end with the plugin. */
#include "plugin.h"

static void *work(void *argument) {
    zos_running *running = (zos_running *)argument;
    pthread_mutex_lock(&running->lock);
    for (;;) {
        zos_job *job = running->first;
        if (job) {
            running->first = job->next;
            if (!running->first) running->last = NULL;
            running->jobs--;
            pthread_mutex_unlock(&running->lock);
            zos_job_run(job);
            pthread_mutex_lock(&running->lock);
        } else if (running->ending) break;
        else {
            running->idle++;
            pthread_cond_wait(&running->work, &running->lock);
            running->idle--;
        }
    }
    pthread_mutex_unlock(&running->lock);
    return NULL;
}

bool zos_pool_run(zos_running *running, zos_job *job) {
    pthread_mutex_lock(&running->lock);
    if (running->idle <= running->jobs && running->count < ZOS_THREADS &&
        pthread_create(&running->threads[running->count], NULL, work, running) == 0)
        running->count++;
    bool there = running->count > 0;
    if (there) {
        job->next = NULL;
        if (running->last) running->last->next = job;
        else running->first = job;
        running->last = job;
        running->jobs++;
        pthread_cond_signal(&running->work);
    }
    pthread_mutex_unlock(&running->lock);
    return there;
}

void zos_pool_end(zos_running *running) {
    pthread_mutex_lock(&running->lock);
    running->ending = true;
    pthread_cond_broadcast(&running->work);
    pthread_mutex_unlock(&running->lock);
    for (unsigned i = 0; i < running->count; i++) pthread_join(running->threads[i], NULL);
}
