/* A plugin made with the kit, through its C functions as the node calls them. Run it under sanitizers. */
#include "zos_testing.h"
#include <string.h>

static zos_answer ask(zos_harness *harness, const char *what) {
    char data[64];
    snprintf(data, sizeof data, "{\"do\":\"%s\"}", what);
    return zos_harness_workload(harness, ZOS_OPERATION_PROVISION, "probe", data);
}

static void operations(const char *object) {
    zos_harness *node = zos_harness_start(object, "{\"settings\":{\"a\":1},\"folders\":{\"pool\":{\"path\":\"/p\",\"descriptor\":7}}}");
    ZOS_EXPECT(node);
    uint64_t abilities = ZOS_ABILITY(ZOS_OPERATION_PROVISION) | ZOS_ABILITY(ZOS_OPERATION_DEPROVISION);
    ZOS_EXPECT(zos_harness_plugin(node)->abilities == abilities);
    zos_harness_answer(node, "node.facts", ZOS_STATUS_OK, "{\"cpus\":\"two\"}");
    ZOS_EXPECT(!strcmp(zos_answer_text(ask(node, "call"), "/result/cpus"), "two"));
    ZOS_EXPECT(zos_harness_calls(node, "node.facts") == 1);
    zos_harness_answer(node, "node.facts", ZOS_STATUS_DENIED, "{\"code\":\"mine\",\"message\":\"not for you\"}");
    zos_answer denied = ask(node, "call");
    ZOS_EXPECT(denied.status == ZOS_STATUS_DENIED && !strcmp(zos_answer_text(denied, "/code"), "mine"));
    ZOS_EXPECT(!strcmp(zos_answer_text(denied, "/message"), "node.facts: not for you"));
    ZOS_EXPECT(!strcmp(zos_answer_text(ask(node, "forget"), "/outcome"), "unchanged"));
    zos_harness_answer(node, "node.facts", ZOS_STATUS_OK, "no json");
    ZOS_EXPECT(ask(node, "call").status == ZOS_STATUS_FAILED);
    ZOS_EXPECT(!strcmp(zos_answer_text(ask(node, "progress"), "/outcome"), "present"));
    ZOS_EXPECT(!strcmp(zos_answer_text(ask(node, "id"), "/result"), "1-2-mine"));
    ZOS_EXPECT(!strcmp(zos_answer_text(ask(node, "folder"), "/result"), "7 /p"));
    ZOS_EXPECT(zos_at(ask(node, "settings").body, "/result/a"));
    zos_answer refused = ask(node, "dance");
    ZOS_EXPECT(refused.status == ZOS_STATUS_UNAVAILABLE && !strcmp(zos_answer_text(refused, "/message"), "cannot dance"));
    ZOS_EXPECT(ask(node, "nothing").status == ZOS_STATUS_FAILED);
    ZOS_EXPECT(zos_harness_ask(node, 63, "{}", 2).status == ZOS_STATUS_UNSUPPORTED);
    ZOS_EXPECT(zos_harness_ask(node, ZOS_OPERATION_DEPROVISION, "{}", 2).status == ZOS_STATUS_OK);
    zos_harness_stop(node);
}

static void senseless_requests(const char *object) {
    zos_harness *node = zos_harness_start(object, NULL);
    ZOS_EXPECT(node);
    static const char *const requests[] = {
        "", "{", "null", "[]", "7", "\"x\"", "{\"subject\":7}", "{\"subject\":{\"data\":{\"do\":{}}}}", "\xff\xfe",
        "{\"subject\":{\"id\":\"a\\u0000b\",\"data\":{\"do\":\"id\\u0000\"}}}", "{\"workload\":[],\"subject\":{\"data\":null}}"};
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        ZOS_EXPECT(
            zos_harness_ask(node, ZOS_OPERATION_PROVISION, requests[i], strlen(requests[i])).status == ZOS_STATUS_INVALID);
    char deep[65536];
    memset(deep, '[', sizeof deep);
    ZOS_EXPECT(zos_harness_ask(node, ZOS_OPERATION_PROVISION, deep, sizeof deep).status == ZOS_STATUS_INVALID);
    ZOS_EXPECT(zos_harness_ask(node, ZOS_OPERATION_PROVISION, NULL, 0).status == ZOS_STATUS_INVALID);
    zos_harness_stop(node);
}

int main(int count, char **arguments) {
    ZOS_EXPECT(count == 2);
    operations(arguments[1]);
    senseless_requests(arguments[1]);
    ZOS_EXPECT(!zos_harness_start(arguments[1], "{\"settings\":{\"refuse\":1}}"));
    ZOS_EXPECT(!zos_harness_start(arguments[1], "no json"));
    puts("boundary: all good");
    return 0;
}
