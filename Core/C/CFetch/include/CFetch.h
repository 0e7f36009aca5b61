#ifndef ZOS_CFETCH_H
#define ZOS_CFETCH_H
/* What Swift cannot call of libcurl: its variadic functions. All options of a transfer are in one place. */
#include <curl/curl.h>
#include <stdint.h>
#include <sys/socket.h>

/** One transfer. All memory is borrowed for as long as the handle lives, but `url`, which is copied. */
typedef struct zos_transfer {
    const char *url;
    int64_t limit;        /**< bytes; a larger length that the server announces is refused at once */
    long connect_seconds;
    long seconds;         /**< for all of it */
    long stall_seconds;   /**< so long below 1 KiB/s ends it */
    int is_connection;    /**< 1: only connect, for another protocol than HTTP */
    void *context;
    /** Takes bytes; anything but `count` ends the transfer. */
    size_t (*data)(char *bytes, size_t size, size_t count, void *context);
    /** Whether the address may be connected to: 1 or 0. Asked before every connection, redirects included. */
    int (*allowed)(void *context, const struct sockaddr *address, uint32_t length);
} zos_transfer;

/** Makes a handle for it, or NULL without memory. Redirects keep to the scheme of the URL, and nothing of the
 * environment or of files of the user is read. `transfer` itself must outlive the handle. */
CURL *zos_transfer_new(const zos_transfer *transfer);

/** The response code, 0 before one came. */
long zos_transfer_status(CURL *handle);

/** The bytes that the server announced, or -1. */
int64_t zos_transfer_announced(CURL *handle);

/** The connected socket of a transfer with `is_connection`, or -1. It belongs to the handle. */
int zos_transfer_socket(CURL *handle);

/** Takes one ended transfer off the list: 1 with `handle` and `result` (CURLE_*), or 0. */
int zos_transfers_ended(CURLM *transfers, CURL **handle, int *result);

/** At most so many connections to one server, and in all. */
void zos_transfers_limit(CURLM *transfers, long per_server, long in_all);
#endif
