/* json.h: inside of a value, for the files of this folder. */
#ifndef ZOS_JSON_INSIDE_H
#define ZOS_JSON_INSIDE_H

#include "zos.h"

struct zos_json {
    zos_kind kind;
    bool truth;
    char *text; /* of strings and numbers, with a zero byte at the end */
    size_t length;
    char *name; /* of members, likewise */
    size_t name_length;
    zos_json *first, *last; /* inside */
    zos_json *next;         /* beside */
};

zos_json *zos_json_new(zos_kind kind);
/* Makes a copy of a text that need not end in a zero byte. */
char *zos_json_duplicate(const char *text, size_t length);
/* Puts `value` at the end of `parent`, which takes it. */
void zos_json_attach(zos_json *parent, zos_json *value);
/* The bytes of the UTF-8 character at `text`, 0 if there is none. */
size_t zos_utf8_length(const unsigned char *text, size_t available);

#endif
