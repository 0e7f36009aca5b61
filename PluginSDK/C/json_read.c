/* Reading JSON that anybody may have written. */
#include "json.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    const unsigned char *text;
    size_t length, at;
    size_t values; /* how many more there may be */
    unsigned depth;
    const char *reason;
} reader;

static zos_json *read_value(reader *in);

static bool fail(reader *in, const char *reason) {
    if (!in->reason) in->reason = reason;
    return false;
}

static int peek(const reader *in) { return in->at < in->length ? in->text[in->at] : -1; }

static bool takes(reader *in, int byte) {
    if (peek(in) != byte) return false;
    in->at++;
    return true;
}

static void skip_blanks(reader *in) {
    while (peek(in) == ' ' || peek(in) == '\t' || peek(in) == '\n' || peek(in) == '\r') in->at++;
}

size_t zos_utf8_length(const unsigned char *text, size_t available) {
    if (available == 0) return 0;
    unsigned char first = text[0];
    if (first < 0x80) return 1;
    size_t length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (length == 0 || length > available) return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80) return 0;
    /* too long forms, surrogates, beyond the last character */
    if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) || (first == 0xf0 && text[1] < 0x90) ||
        (first == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

static size_t encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)((length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0) | code);
    return length;
}

static bool read_hexadecimal(reader *in, uint32_t *code) {
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int byte = peek(in);
        int digit = byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
        if (digit < 0) return fail(in, "four hexadecimal digits are missing");
        *code = *code * 16 + (uint32_t)digit;
        in->at++;
    }
    return true;
}

static bool read_escape(reader *in, char *out, size_t *length) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int letter = peek(in);
    const char *found = letter > 0 ? strchr(letters, letter) : NULL;
    if (found) {
        in->at++;
        out[(*length)++] = meanings[found - letters];
        return true;
    }
    if (letter != 'u') return fail(in, "an unknown escape");
    in->at++;
    uint32_t code, low;
    if (!read_hexadecimal(in, &code)) return false;
    if (code >= 0xd800 && code < 0xdc00) {
        if (!takes(in, '\\') || !takes(in, 'u')) return fail(in, "half of a surrogate pair");
        if (!read_hexadecimal(in, &low)) return false;
        if (low < 0xdc00 || low > 0xdfff) return fail(in, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) return fail(in, "half of a surrogate pair");
    *length += encode(code, out + *length);
    return true;
}

/* Where the text ends, so that it gets as much memory as it can need: no escape means more bytes than it has. */
static size_t string_end(const reader *in) {
    size_t at = in->at;
    while (at < in->length && in->text[at] != '"') at += in->text[at] == '\\' ? 2 : 1;
    return at < in->length ? at : in->length;
}

static bool read_string(reader *in, char **text, size_t *length) {
    in->at++;
    char *out = (char *)malloc(string_end(in) - in->at + 1);
    if (!out) return fail(in, "memory is short");
    *length = 0;
    while (!in->reason) {
        int byte = peek(in);
        if (byte == '"') break;
        if (byte < 0) fail(in, "the text has no end");
        else if (byte < 0x20) fail(in, "a control character in a text");
        else if (byte == '\\') {
            in->at++;
            read_escape(in, out, length);
        } else {
            size_t bytes = zos_utf8_length(in->text + in->at, in->length - in->at);
            if (bytes == 0) {
                fail(in, "the text is not UTF-8");
                break;
            }
            memcpy(out + *length, in->text + in->at, bytes);
            *length += bytes;
            in->at += bytes;
        }
    }
    if (in->reason) {
        free(out);
        return false;
    }
    in->at++;
    out[*length] = 0;
    *text = out;
    return true;
}

static size_t skip_digits(reader *in) {
    size_t start = in->at;
    while (peek(in) >= '0' && peek(in) <= '9') in->at++;
    return in->at - start;
}

static bool read_number(reader *in, zos_json *value) {
    size_t start = in->at;
    takes(in, '-');
    if (!takes(in, '0') && skip_digits(in) == 0) return fail(in, "a digit is missing");
    if (takes(in, '.') && skip_digits(in) == 0) return fail(in, "a digit is missing");
    if (takes(in, 'e') || takes(in, 'E')) {
        if (!takes(in, '+')) takes(in, '-');
        if (skip_digits(in) == 0) return fail(in, "a digit is missing");
    }
    value->length = in->at - start;
    value->text = zos_json_duplicate((const char *)in->text + start, value->length);
    return value->text || fail(in, "memory is short");
}

static int compare_names(const void *left, const void *right) {
    const zos_json *one = *(const zos_json *const *)left, *other = *(const zos_json *const *)right;
    size_t length = one->name_length < other->name_length ? one->name_length : other->name_length;
    int order = memcmp(one->name, other->name, length);
    return order ? order : one->name_length < other->name_length ? -1 : one->name_length > other->name_length;
}

/* By sorting: comparing each with each would take hours for a hostile text. */
static bool has_repeated(reader *in, const zos_json *object, size_t count) {
    if (count < 2) return false;
    const zos_json **names = (const zos_json **)malloc(count * sizeof *names);
    if (!names) return !fail(in, "memory is short");
    size_t i = 0;
    for (const zos_json *child = object->first; child; child = child->next) names[i++] = child;
    qsort(names, count, sizeof *names, compare_names);
    bool repeated = false;
    for (i = 1; i < count && !repeated; i++) repeated = compare_names(&names[i - 1], &names[i]) == 0;
    free(names);
    return repeated && !fail(in, "a member is repeated");
}

static bool read_inside(reader *in, zos_json *value) {
    bool is_object = value->kind == ZOS_OBJECT;
    int end = is_object ? '}' : ']';
    size_t count = 0;
    in->at++;
    skip_blanks(in);
    if (takes(in, end)) return true;
    do {
        char *name = NULL;
        size_t length = 0;
        skip_blanks(in);
        if (is_object) {
            if (peek(in) != '"') return fail(in, "a member's name is missing");
            if (!read_string(in, &name, &length)) return false;
            skip_blanks(in);
            if (!takes(in, ':')) {
                free(name);
                return fail(in, "a colon is missing");
            }
        }
        zos_json *child = read_value(in);
        if (!child) {
            free(name);
            return false;
        }
        child->name = name;
        child->name_length = length;
        zos_json_attach(value, child);
        count++;
        skip_blanks(in);
        if (takes(in, end)) return !is_object || !has_repeated(in, value, count);
    } while (takes(in, ','));
    return fail(in, is_object ? "a comma or the object's end is missing" : "a comma or the list's end is missing");
}

static bool read_word(reader *in, zos_json *value) {
    static const struct {
        const char *word;
        zos_kind kind;
        bool truth;
    } words[] = {{"null", ZOS_NULL, false}, {"true", ZOS_BOOL, true}, {"false", ZOS_BOOL, false}};
    for (size_t i = 0; i < 3; i++) {
        size_t length = strlen(words[i].word);
        if (in->length - in->at < length || memcmp(in->text + in->at, words[i].word, length) != 0) continue;
        in->at += length;
        value->kind = words[i].kind;
        value->truth = words[i].truth;
        return true;
    }
    return fail(in, "this begins no value");
}

static bool read_into(reader *in, zos_json *value) {
    int byte = peek(in);
    if (byte < 0) return fail(in, "a value is missing");
    if (byte == '"') {
        value->kind = ZOS_STRING;
        return read_string(in, &value->text, &value->length);
    }
    if (byte == '-' || (byte >= '0' && byte <= '9')) {
        value->kind = ZOS_NUMBER;
        return read_number(in, value);
    }
    if (byte != '{' && byte != '[') return read_word(in, value);
    if (in->depth == 0) return fail(in, "too deeply nested");
    value->kind = byte == '{' ? ZOS_OBJECT : ZOS_ARRAY;
    in->depth--;
    bool good = read_inside(in, value);
    in->depth++;
    return good;
}

static zos_json *read_value(reader *in) {
    skip_blanks(in);
    zos_json *value = NULL;
    if (in->values == 0) fail(in, "too many values");
    else if (!(value = zos_json_new(ZOS_NULL))) fail(in, "memory is short");
    if (!value) return NULL;
    in->values--;
    if (read_into(in, value)) return value;
    zos_json_free(value);
    return NULL;
}

zos_json *zos_json_parse(const void *text, size_t length, size_t *offset, const char **reason) {
    reader in = {(const unsigned char *)text, text ? length : 0, 0, ZOS_JSON_VALUES, ZOS_JSON_DEPTH, NULL};
    zos_json *value = read_value(&in);
    skip_blanks(&in);
    if (value && in.at < in.length) {
        fail(&in, "something follows the value");
        zos_json_free(value);
        value = NULL;
    }
    if (offset) *offset = in.at;
    if (reason) *reason = in.reason;
    return value;
}
