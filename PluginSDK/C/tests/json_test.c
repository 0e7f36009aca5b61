/* JSON from outside: tables of good and bad texts, and damaged ones by the thousand. Run it under sanitizers. */
#include "zos_testing.h"
#include <string.h>

static void comes_back(const char *text) {
    zos_json *value = zos_json_parse(text, strlen(text), NULL, NULL);
    ZOS_EXPECT(value);
    char *written = zos_json_write(value, NULL);
    ZOS_EXPECT(written && strcmp(written, text) == 0);
    zos_json *copy = zos_json_copy(value);
    char *again = zos_json_write(copy, NULL);
    ZOS_EXPECT(again && strcmp(again, text) == 0);
    free(written);
    free(again);
    zos_json_free(value);
    zos_json_free(copy);
}

static void good_texts(void) {
    static const char *const texts[] = {
        "null", "true", "false", "0", "-1", "18446744073709551615", "-9223372036854775808", "1.5e-7", "\"\"", "[]", "{}",
        "[1,[2,[3]],{\"a\":null}]", "{\"b\":{\"c\":[true,false]},\"a\":\"\\\"\\\\\\u000a\\u0001\"}", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) comes_back(texts[i]);
    const char escaped[] = " \"\\ud83d\\ude00\\/\\u00e9\" ";
    zos_json *value = zos_json_parse(escaped, sizeof escaped - 1, NULL, NULL);
    ZOS_EXPECT(strcmp(zos_text(value), "\xf0\x9f\x98\x80/\xc3\xa9") == 0);
    zos_json_free(value);
}

static void bad_texts(void) {
    static const struct {
        const char *text;
        size_t length, offset;
    } texts[] = {
        {"", 0, 0}, {" ", 1, 1}, {"{", 1, 1}, {"[", 1, 1}, {"[1", 2, 2}, {"[1,]", 4, 3}, {"{\"a\"}", 5, 4}, {"{\"a\":1,}", 8, 7},
        {"{a:1}", 5, 1}, {"\"", 1, 1}, {"\"\\", 2, 2}, {"\"\\x\"", 4, 2}, {"\"\\u12g4\"", 8, 5}, {"\"\\ud800\"", 8, 7},
        {"\"\\udc00\"", 8, 7}, {"\"\\ud800\\u0041\"", 14, 13}, {"\"\x01\"", 3, 1}, {"\xff", 1, 0}, {"\"\xc3\"", 3, 1},
        {"\"\xc0\xaf\"", 4, 1}, {"\"\xed\xa0\x80\"", 5, 1}, {"\"\xf4\x90\x80\x80\"", 6, 1}, {"\xef\xbb\xbf{}", 5, 0}, {"01", 2, 1},
        {"-", 1, 1}, {"1.", 2, 2}, {".5", 2, 0}, {"1e", 2, 2}, {"+1", 2, 0}, {"nul", 3, 0}, {"NaN", 3, 0}, {"1 2", 3, 2},
        {"{\"a\":1,\"a\":2}", 13, 13}, {"{\"a\":1,\"\\u0061\":2}", 18, 18}, {"{}}", 3, 2}, {"'a'", 3, 0}, {"[1 2]", 5, 3},
        {"1\0", 2, 1}, {"\"\0\"", 3, 1}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t offset = 0;
        const char *reason = NULL;
        ZOS_EXPECT(!zos_json_parse(texts[i].text, texts[i].length, &offset, &reason));
        if (offset != texts[i].offset) fprintf(stderr, "%s: at %zu, not %zu\n", texts[i].text, offset, texts[i].offset);
        ZOS_EXPECT(offset == texts[i].offset && reason);
    }
    ZOS_EXPECT(!zos_json_parse(NULL, 5, NULL, NULL));
}

static char *repeated(const char *part, size_t times, const char *before, const char *after) {
    size_t length = strlen(part);
    char *text = (char *)malloc(length * times + strlen(before) + strlen(after) + 1);
    ZOS_EXPECT(text);
    strcpy(text, before);
    char *end = text + strlen(before);
    for (size_t i = 0; i < times; i++, end += length) memcpy(end, part, length);
    strcpy(end, after);
    return text;
}

static bool parses(char *text) {
    zos_json *value = zos_json_parse(text, strlen(text), NULL, NULL);
    free(text);
    zos_json_free(value);
    return value != NULL;
}

static void bounds(void) {
    char *ends = repeated("]", ZOS_JSON_DEPTH, "", "");
    ZOS_EXPECT(parses(repeated("[", ZOS_JSON_DEPTH, "", ends)));
    ZOS_EXPECT(!parses(repeated("[", ZOS_JSON_DEPTH + 1, "", ends)));
    free(ends);
    ZOS_EXPECT(!parses(repeated("[", 1 << 20, "", "")));
    ZOS_EXPECT(!parses(repeated("{\"a\":", 1 << 18, "", "")));
    ZOS_EXPECT(parses(repeated("0,", ZOS_JSON_VALUES - 2, "[", "0]")));
    ZOS_EXPECT(!parses(repeated("0,", ZOS_JSON_VALUES, "[", "0]")));
    /* Many members: not each is compared with each. */
    char *text = (char *)malloc(100000 * 16 + 2), *end = text;
    ZOS_EXPECT(text);
    for (int i = 0; i < 100000; i++) end += sprintf(end, "%c\"k%d\":0", i ? ',' : '{', i);
    strcpy(end, "}");
    ZOS_EXPECT(parses(text));
}

static void numbers(void) {
    const char text[] = "[18446744073709551615,18446744073709551616,-1,1.0,9007199254740993,1e3,-9223372036854775809,true]";
    zos_json *list = zos_json_parse(text, sizeof text - 1, NULL, NULL);
    const bool is_unsigned[] = {true, false, false, false, true, false, false, false};
    const bool is_signed[] = {false, false, true, false, true, false, false, false};
    size_t i = 0;
    uint64_t number = 0;
    int64_t integer = 0;
    for (const zos_json *value = zos_first(list); value; value = zos_next(value), i++) {
        ZOS_EXPECT(zos_unsigned(value, &number) == is_unsigned[i]);
        ZOS_EXPECT(zos_integer(value, &integer) == is_signed[i]);
    }
    ZOS_EXPECT(i == 8 && number == 9007199254740993u && integer == 9007199254740993);
    zos_json_free(list);
}

static void pointers(void) {
    const char text[] = "{\"a\":[{\"b\":1},2],\"m/n\":3,\"~\":4,\"\":5,\"z\":\"x\\u0000y\"}";
    zos_json *value = zos_json_parse(text, sizeof text - 1, NULL, NULL);
    static const struct {
        const char *pointer;
        int number;
    } good[] = {{"/a/0/b", 1}, {"/a/1", 2}, {"/m~1n", 3}, {"/~0", 4}, {"/", 5}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t number = 0;
        ZOS_EXPECT(zos_integer(zos_at(value, good[i].pointer), &number) && number == good[i].number);
    }
    static const char *const bad[] = {"a", "/a/2", "/a/-1", "/a/01", "/a/99999999999", "/a/b", "/b", "/a/0/b/c", "/a/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ZOS_EXPECT(!zos_at(value, bad[i]));
    ZOS_EXPECT(zos_at(value, "") == value && !zos_at(NULL, "/a"));
    /* A text with a zero byte inside never reads shorter than it is. */
    size_t length;
    ZOS_EXPECT(!zos_text(zos_at(value, "/z")) && zos_bytes_of(zos_at(value, "/z"), &length) && length == 3);
    zos_json_free(value);
}

static void builders(void) {
    zos_json *value = zos_object("a", zos_number(-5), "b", zos_format("%s-%d", "x", 7), "a", zos_boolean(true), NULL);
    value = zos_set(value, "c", zos_append(zos_append(zos_array(), zos_null()), zos_number_unsigned(UINT64_MAX)));
    value = zos_set(value, "d", zos_string("\xff\x80ok\x7f"));
    char *text = zos_json_write(value, NULL);
    ZOS_EXPECT(strcmp(text, "{\"b\":\"x-7\",\"a\":true,\"c\":[null,18446744073709551615],\"d\":\"\xef\xbf\xbd\xef\xbf\xbdok\\u007f\"}") == 0);
    free(text);
    ZOS_EXPECT(!zos_set(value, "e", NULL)); /* frees the object */
    ZOS_EXPECT(!zos_object("a", zos_null(), "b", NULL, "c", zos_null(), NULL));
    ZOS_EXPECT(!zos_append(NULL, zos_null()) && !zos_set(zos_array(), "a", zos_null()) && !zos_json_write(NULL, NULL));
}

static void damaged_texts(void) {
    static const char text[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\\n\",{\"b\":null,\"c\":[true,false]}],\"d\":{\"e\":\"\xc3\xa9\"}}";
    uint64_t seed = 0x9e3779b97f4a7c15u;
    unsigned read = 0;
    for (int round = 0; round < 100000; round++) {
        size_t length = sizeof text - 1;
        char *damaged = (char *)malloc(length + 4); /* on the heap, exactly as long, so that a sanitizer sees every step too far */
        ZOS_EXPECT(damaged);
        memcpy(damaged, text, length);
        for (int i = 0; i <= round % 3; i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            size_t at = (size_t)(seed >> 32) % length;
            if (seed % 3 == 0) damaged[at] = (char)(seed >> 8);
            else if (seed % 3 == 1) length = at + 1;
            else {
                memmove(damaged + at + 1, damaged + at, length - at);
                damaged[at] = "{}[]\",:\\u0"[(seed >> 16) % 10];
                length++;
            }
        }
        char *exact = (char *)malloc(length);
        ZOS_EXPECT(exact);
        memcpy(exact, damaged, length);
        free(damaged);
        zos_json *value = zos_json_parse(exact, length, NULL, NULL);
        free(exact);
        if (!value) continue;
        char *written = zos_json_write(value, &length);
        zos_json *again = zos_json_parse(written, length, NULL, NULL);
        char *rewritten = zos_json_write(again, NULL);
        ZOS_EXPECT(rewritten && strcmp(written, rewritten) == 0);
        free(written);
        free(rewritten);
        zos_json_free(again);
        zos_json_free(value);
        read++;
    }
    ZOS_EXPECT(read > 100);
}

int main(void) {
    good_texts();
    bad_texts();
    bounds();
    numbers();
    pointers();
    builders();
    damaged_texts();
    puts("json: all good");
    return 0;
}
