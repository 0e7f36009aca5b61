/* The plugin that boundary_test.c loads. */
#include "zos.h"
#include <stdlib.h>
#include <string.h>

static zos_json *provision(zos_context *context, const zos_json *request) {
    const char *what = zos_text_at(context, request, "/subject/data/do");
    if (!what) return NULL;
    if (!strcmp(what, "call")) {
        zos_json *facts = zos_call(context, "node.facts", zos_object(NULL));
        return facts ? zos_ready(facts) : NULL;
    }
    if (!strcmp(what, "forget")) {
        zos_json_free(zos_call(context, "node.facts", zos_object(NULL)));
        return zos_forget(context) == ZOS_STATUS_DENIED ? zos_unchanged("denied") : zos_present();
    }
    if (!strcmp(what, "progress")) return zos_progress(context, "half way") ? zos_present() : NULL;
    if (!strcmp(what, "id")) return zos_ready(zos_string(zos_workload(context)));
    if (!strcmp(what, "folder")) {
        const char *path = NULL;
        int descriptor = zos_folder(context, "pool", &path);
        return zos_ready(zos_format("%d %s", descriptor, path ? path : "-"));
    }
    if (!strcmp(what, "settings")) return zos_ready(zos_json_copy(zos_settings(context)));
    if (!strcmp(what, "nothing")) return NULL;
    return zos_fail(context, ZOS_STATUS_UNAVAILABLE, "cannot %s", what);
}

static zos_json *deprovision(zos_context *context, const zos_json *request) {
    (void)context;
    (void)request;
    return zos_object(NULL);
}

static int32_t start(zos_context *context, void **state) {
    if (zos_member(zos_settings(context), "refuse")) {
        zos_fail(context, ZOS_STATUS_INVALID, "the settings say no");
        return ZOS_STATUS_INVALID;
    }
    *state = malloc(1);
    return 0;
}

static void stop(void *state) { free(state); }

static const zos_operation operations[] = {
    {ZOS_OPERATION_PROVISION, provision}, {ZOS_OPERATION_DEPROVISION, deprovision}, {0, NULL}};

ZOS_PLUGIN("org.example.probe", "1.0.0", operations, start, stop)
