/* Loads the object and calls it as the node does. */
#include "zos_testing.h"
#include <string.h>

static zos_answer ask(zos_harness *node, uint32_t operation, const char *data) {
    return zos_harness_workload(node, operation, "__type__", data);
}

static void greets_by_name(zos_harness *node) {
    for (int times = 0; times < 2; times++) { /* a second provision changes nothing */
        zos_answer answer = ask(node, ZOS_OPERATION_PROVISION, "{\"name\":\"grid\"}");
        ZOS_EXPECT(strcmp(zos_answer_text(answer, "/result/greeting"), "hello, grid") == 0);
    }
    zos_answer updated = ask(node, ZOS_OPERATION_UPDATE, "{\"name\":\"world\"}");
    ZOS_EXPECT(strcmp(zos_answer_text(updated, "/result/greeting"), "hello, world") == 0);
}

static void refuses_blanks(zos_harness *node) {
    zos_answer answer = ask(node, ZOS_OPERATION_VALIDATE, "{\"name\":\"  \"}");
    ZOS_EXPECT(answer.status == ZOS_STATUS_INVALID);
    ZOS_EXPECT(strcmp(zos_answer_text(answer, "/message"), "name must be more than blanks") == 0);
    ZOS_EXPECT(ask(node, ZOS_OPERATION_PROVISION, "{}").status == ZOS_STATUS_INVALID);
}

int main(int count, char **arguments) {
    ZOS_EXPECT(count == 2);
    zos_harness *node = zos_harness_start(arguments[1], NULL);
    ZOS_EXPECT(node);
    greets_by_name(node);
    refuses_blanks(node);
    ZOS_EXPECT(ask(node, ZOS_OPERATION_DEPROVISION, "{\"name\":\"grid\"}").status == ZOS_STATUS_OK);
    zos_harness_stop(node);
    puts("all tests passed");
    return 0;
}
