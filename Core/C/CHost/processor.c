#include "zos_processor.h"
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

int zos_hypervisor_signature(char text[13])
{
    unsigned int a, b, c, d;
    memset(text, 0, 13);
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 31)))
        return 0;
    __cpuid(0x40000000, a, b, c, d);
    memcpy(text, &b, 4);
    memcpy(text + 4, &c, 4);
    memcpy(text + 8, &d, 4);
    return 1;
}
#else
int zos_hypervisor_signature(char text[13])
{
    memset(text, 0, 13);
    return 0;
}
#endif
