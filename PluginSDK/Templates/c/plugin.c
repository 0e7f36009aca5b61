/* Workloads of type `__type__`: a greeting for a name, with nothing on the host. */
#include "zos.h"
#include <string.h>

/* What the schema cannot say. NULL, with the reason given, if the name will not do. */
static const char *checked_name(zos_context *context, const zos_json *request) {
    const char *name = zos_text_at(context, request, "/subject/data/name");
    if (name && name[strspn(name, " \t\n")] == 0) {
        zos_fail(context, ZOS_STATUS_INVALID, "name must be more than blanks");
        return NULL;
    }
    return name;
}

static zos_json *validate(zos_context *context, const zos_json *request) {
    return checked_name(context, request) ? zos_object(NULL) : NULL;
}

/* Also serves updates: nothing is kept from before. */
static zos_json *provision(zos_context *context, const zos_json *request) {
    const char *name = checked_name(context, request);
    if (!name) return NULL;
    return zos_ready(zos_object("greeting", zos_format("hello, %s", name), NULL));
}

static zos_json *deprovision(zos_context *context, const zos_json *request) {
    (void)context;
    (void)request;
    return zos_object(NULL);
}

/* What it can do. */
static const zos_operation operations[] = {
    {ZOS_OPERATION_VALIDATE, validate},
    {ZOS_OPERATION_PROVISION, provision},
    {ZOS_OPERATION_UPDATE, provision},
    {ZOS_OPERATION_DEPROVISION, deprovision},
    {0, NULL},
};

ZOS_PLUGIN("__id__", "0.1.0", operations, NULL, NULL)
