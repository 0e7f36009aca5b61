/* Writing JSON. */
#include "json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char *text;
    size_t length, room;
    bool failed;
} writer;

static void put(writer *out, const char *bytes, size_t count) {
    if (out->failed) return;
    if (out->room - out->length <= count) {
        size_t room = (out->length + count + 1) * 2;
        char *larger = (char *)realloc(out->text, room);
        if (!larger) {
            out->failed = true;
            return;
        }
        out->text = larger;
        out->room = room;
    }
    memcpy(out->text + out->length, bytes, count);
    out->length += count;
}

static void put_string(writer *out, const char *text, size_t length) {
    put(out, "\"", 1);
    size_t at = 0;
    while (at < length) {
        unsigned char byte = (unsigned char)text[at];
        size_t bytes = zos_utf8_length((const unsigned char *)text + at, length - at);
        char escape[8];
        if (bytes == 0) put(out, "\xef\xbf\xbd", 3);
        else if (byte == '"' || byte == '\\') {
            escape[0] = '\\';
            escape[1] = (char)byte;
            put(out, escape, 2);
        } else if (byte < 0x20 || byte == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", byte);
            put(out, escape, 6);
        } else put(out, text + at, bytes);
        at += bytes ? bytes : 1;
    }
    put(out, "\"", 1);
}

static void put_value(writer *out, const zos_json *value, unsigned depth) {
    if (depth == 0) out->failed = true;
    if (out->failed) return;
    bool is_object = value->kind == ZOS_OBJECT;
    switch (value->kind) {
    case ZOS_NULL: put(out, "null", 4); return;
    case ZOS_BOOL: put(out, value->truth ? "true" : "false", value->truth ? 4 : 5); return;
    case ZOS_NUMBER: put(out, value->text, value->length); return;
    case ZOS_STRING: put_string(out, value->text, value->length); return;
    case ZOS_ARRAY:
    case ZOS_OBJECT: break;
    }
    put(out, is_object ? "{" : "[", 1);
    for (const zos_json *child = value->first; child && !out->failed; child = child->next) {
        if (child != value->first) put(out, ",", 1);
        if (is_object) {
            put_string(out, child->name, child->name_length);
            put(out, ":", 1);
        }
        put_value(out, child, depth - 1);
    }
    put(out, is_object ? "}" : "]", 1);
}

char *zos_json_write(const zos_json *value, size_t *length) {
    writer out = {NULL, 0, 0, false};
    if (!value) return NULL;
    put_value(&out, value, 2 * ZOS_JSON_DEPTH);
    put(&out, "", 1);
    if (out.failed) {
        free(out.text);
        return NULL;
    }
    if (length) *length = out.length - 1;
    return out.text;
}
