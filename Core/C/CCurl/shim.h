// libcurl for Swift, which cannot call functions with variable arguments: one setter per kind of value. Each assumes
// that the option takes that kind; what it does with the value is in curl_easy_setopt(3).
#pragma once
#include <curl/curl.h>

static inline CURLcode zos_curl_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode zos_curl_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode zos_curl_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

// Called with each piece of the answer's body; anything but the piece's length as result ends the transfer.
static inline CURLcode zos_curl_sink(
    CURL *handle, size_t (*take)(char *bytes, size_t size, size_t count, void *context), void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

// Called about once a second; anything but 0 as result ends the transfer.
static inline CURLcode zos_curl_progress(
    CURL *handle,
    int (*look)(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up),
    void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
}

static inline CURLcode zos_curl_status(CURL *handle, long *status) {
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}
