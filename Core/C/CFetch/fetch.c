#include "CFetch.h"
#include <string.h>
#include <unistd.h>

/* SOCK_CLOEXEC: no program is started here, but that is for others to rely on. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    const zos_transfer *transfer = context;
    (void)purpose;
    if (!transfer->allowed(transfer->context, &address->addr, address->addrlen)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURL *zos_transfer_new(const zos_transfer *transfer) {
    CURL *handle = curl_easy_init();
    if (!handle) return NULL;
    const char *scheme = strncmp(transfer->url, "https:", 6) == 0 ? "https" : "http";
    int failed = 0;
#define SET(option, value) failed |= curl_easy_setopt(handle, option, value) != CURLE_OK
    SET(CURLOPT_URL, transfer->url);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, scheme);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, scheme);
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_MAXREDIRS, 5L);
    SET(CURLOPT_FAILONERROR, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, transfer->connect_seconds);
    SET(CURLOPT_TIMEOUT, transfer->seconds);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1024L);
    SET(CURLOPT_LOW_SPEED_TIME, transfer->stall_seconds);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->limit);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_USERAGENT, "zos");
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, (void *)transfer);
    SET(CURLOPT_PRIVATE, transfer->context);
    if (transfer->is_connection) SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_WRITEFUNCTION, transfer->data);
    SET(CURLOPT_WRITEDATA, transfer->context);
#undef SET
    if (!failed) return handle;
    curl_easy_cleanup(handle);
    return NULL;
}

long zos_transfer_status(CURL *handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

int64_t zos_transfer_announced(CURL *handle) {
    curl_off_t length = -1;
    return curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) == CURLE_OK ? (int64_t)length : -1;
}

int zos_transfer_socket(CURL *handle) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &descriptor) == CURLE_OK ? (int)descriptor : -1;
}

int zos_transfers_ended(CURLM *transfers, CURL **handle, int *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(transfers, &left)))
        if (message->msg == CURLMSG_DONE) {
            *handle = message->easy_handle;
            *result = (int)message->data.result;
            return 1;
        }
    return 0;
}

void zos_transfers_limit(CURLM *transfers, long per_server, long in_all) {
    curl_multi_setopt(transfers, CURLMOPT_MAX_HOST_CONNECTIONS, per_server);
    curl_multi_setopt(transfers, CURLMOPT_MAX_TOTAL_CONNECTIONS, in_all);
    curl_multi_setopt(transfers, CURLMOPT_MAXCONNECTS, in_all);
}
