/* Making, freeing and looking into values. */
#include "json.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

zos_json *zos_json_new(zos_kind kind) {
    zos_json *value = (zos_json *)calloc(1, sizeof *value);
    if (value) value->kind = kind;
    return value;
}

char *zos_json_duplicate(const char *text, size_t length) {
    char *copy = (char *)malloc(length + 1);
    if (!copy) return NULL;
    if (length) memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

void zos_json_attach(zos_json *parent, zos_json *value) {
    if (parent->last) parent->last->next = value;
    else parent->first = value;
    parent->last = value;
}

/* Without recursion: what has children hands them to the list that is still to be freed. */
void zos_json_free(zos_json *value) {
    while (value) {
        zos_json *next = value->next;
        if (value->first) {
            value->last->next = next;
            next = value->first;
        }
        free(value->text);
        free(value->name);
        free(value);
        value = next;
    }
}

static zos_json *copy_one(const zos_json *value) {
    zos_json *copy = zos_json_new(value->kind);
    if (!copy) return NULL;
    copy->truth = value->truth;
    copy->length = value->length;
    copy->name_length = value->name_length;
    if (value->text) copy->text = zos_json_duplicate(value->text, value->length);
    if (value->name) copy->name = zos_json_duplicate(value->name, value->name_length);
    if ((value->text && !copy->text) || (value->name && !copy->name)) {
        zos_json_free(copy);
        return NULL;
    }
    return copy;
}

/* As deep as the value: what is read is at most ZOS_JSON_DEPTH deep, and what is built is the author's. */
static zos_json *copy_tree(const zos_json *value, unsigned depth) {
    if (depth == 0) return NULL;
    zos_json *copy = copy_one(value);
    for (const zos_json *child = value->first; copy && child; child = child->next) {
        zos_json *inside = copy_tree(child, depth - 1);
        if (inside) zos_json_attach(copy, inside);
        else {
            zos_json_free(copy);
            copy = NULL;
        }
    }
    return copy;
}

zos_json *zos_json_copy(const zos_json *value) {
    zos_json *copy = value ? copy_tree(value, 2 * ZOS_JSON_DEPTH) : NULL;
    if (copy) {
        free(copy->name);
        copy->name = NULL;
        copy->name_length = 0;
    }
    return copy;
}

zos_kind zos_json_kind(const zos_json *value) { return value ? value->kind : ZOS_NULL; }

static const zos_json *member(const zos_json *object, const char *name, size_t length) {
    if (zos_json_kind(object) != ZOS_OBJECT) return NULL;
    for (const zos_json *child = object->first; child; child = child->next)
        if (child->name_length == length && memcmp(child->name, name, length) == 0) return child;
    return NULL;
}

const zos_json *zos_member(const zos_json *object, const char *name) { return member(object, name, strlen(name)); }

static const zos_json *element(const zos_json *array, const char *index, size_t length) {
    if (zos_json_kind(array) != ZOS_ARRAY || length == 0 || length > 9 || (index[0] == '0' && length > 1)) return NULL;
    size_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (index[i] < '0' || index[i] > '9') return NULL;
        number = number * 10 + (size_t)(index[i] - '0');
    }
    const zos_json *child = array->first;
    while (child && number-- > 0) child = child->next;
    return child;
}

const zos_json *zos_at(const zos_json *value, const char *pointer) {
    while (value && *pointer == '/') {
        char part[256];
        size_t length = 0;
        for (pointer++; *pointer && *pointer != '/'; pointer++) {
            if (length == sizeof part) return NULL;
            part[length] = *pointer;
            if (pointer[0] == '~' && (pointer[1] == '0' || pointer[1] == '1')) part[length] = *++pointer == '0' ? '~' : '/';
            length++;
        }
        value = value->kind == ZOS_ARRAY ? element(value, part, length) : member(value, part, length);
    }
    return *pointer ? NULL : value;
}

const zos_json *zos_first(const zos_json *value) { return value ? value->first : NULL; }
const zos_json *zos_next(const zos_json *value) { return value ? value->next : NULL; }

const char *zos_name(const zos_json *value, size_t *length) {
    if (length) *length = value ? value->name_length : 0;
    return value ? value->name : NULL;
}

const char *zos_bytes_of(const zos_json *value, size_t *length) {
    bool is_text = zos_json_kind(value) == ZOS_STRING;
    if (length) *length = is_text ? value->length : 0;
    return is_text ? value->text : NULL;
}

const char *zos_text(const zos_json *value) {
    size_t length;
    const char *text = zos_bytes_of(value, &length);
    return text && strlen(text) == length ? text : NULL;
}

bool zos_unsigned(const zos_json *value, uint64_t *number) {
    if (zos_json_kind(value) != ZOS_NUMBER || value->text[strspn(value->text, "0123456789")]) return false;
    errno = 0;
    uint64_t read = strtoull(value->text, NULL, 10);
    if (errno) return false;
    *number = read;
    return true;
}

bool zos_integer(const zos_json *value, int64_t *number) {
    if (zos_json_kind(value) != ZOS_NUMBER) return false;
    const char *digits = value->text + (value->text[0] == '-');
    if (digits[strspn(digits, "0123456789")]) return false;
    errno = 0;
    int64_t read = strtoll(value->text, NULL, 10);
    if (errno) return false;
    *number = read;
    return true;
}

bool zos_bool(const zos_json *value, bool otherwise) {
    return zos_json_kind(value) == ZOS_BOOL ? value->truth : otherwise;
}

static zos_json *with_text(zos_kind kind, const char *text, size_t length) {
    zos_json *value = zos_json_new(kind);
    if (!value) return NULL;
    value->text = zos_json_duplicate(text, length);
    value->length = length;
    if (!value->text) {
        zos_json_free(value);
        return NULL;
    }
    return value;
}

zos_json *zos_null(void) { return zos_json_new(ZOS_NULL); }
zos_json *zos_array(void) { return zos_json_new(ZOS_ARRAY); }
zos_json *zos_string(const char *text) { return text ? with_text(ZOS_STRING, text, strlen(text)) : NULL; }

zos_json *zos_boolean(bool truth) {
    zos_json *value = zos_json_new(ZOS_BOOL);
    if (value) value->truth = truth;
    return value;
}

zos_json *zos_number(int64_t number) {
    char text[32];
    int length = snprintf(text, sizeof text, "%lld", (long long)number);
    return length > 0 ? with_text(ZOS_NUMBER, text, (size_t)length) : NULL;
}

zos_json *zos_number_unsigned(uint64_t number) {
    char text[32];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return length > 0 ? with_text(ZOS_NUMBER, text, (size_t)length) : NULL;
}

zos_json *zos_format(const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    zos_json *value = NULL;
    char *text = length < 0 ? NULL : (char *)malloc((size_t)length + 1);
    if (text) {
        vsnprintf(text, (size_t)length + 1, format, again);
        value = with_text(ZOS_STRING, text, (size_t)length);
        free(text);
    }
    va_end(again);
    return value;
}

static zos_json *drop_both(zos_json *one, zos_json *other) {
    zos_json_free(one);
    zos_json_free(other);
    return NULL;
}

zos_json *zos_set(zos_json *object, const char *name, zos_json *value) {
    if (!object || !name || !value || object->kind != ZOS_OBJECT || value->name) return drop_both(object, value);
    value->name_length = strlen(name);
    value->name = zos_json_duplicate(name, value->name_length);
    if (!value->name) return drop_both(object, value);
    zos_json **place = &object->first;
    zos_json *before = NULL;
    while (*place && !((*place)->name_length == value->name_length && strcmp((*place)->name, name) == 0)) {
        before = *place;
        place = &before->next;
    }
    if (*place) { /* the later of two stays */
        zos_json *old = *place;
        *place = old->next;
        if (object->last == old) object->last = before;
        old->next = NULL;
        zos_json_free(old);
    }
    zos_json_attach(object, value);
    return object;
}

zos_json *zos_append(zos_json *array, zos_json *value) {
    if (!array || !value || array->kind != ZOS_ARRAY) return drop_both(array, value);
    zos_json_attach(array, value);
    return array;
}

zos_json *zos_object(const char *name, ...) {
    zos_json *object = zos_json_new(ZOS_OBJECT);
    va_list arguments;
    va_start(arguments, name);
    while (name) {
        object = zos_set(object, name, va_arg(arguments, zos_json *));
        name = va_arg(arguments, const char *);
    }
    va_end(arguments);
    return object;
}
