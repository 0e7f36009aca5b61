#ifndef ZOS_PROCESSOR_H
#define ZOS_PROCESSOR_H

/** What the processor says about a hypervisor above it (CPUID leaf 0x40000000): 12 characters and a zero into `text`.
 * 1 if there is one that says so, else 0, as on processors without that instruction. */
int zos_hypervisor_signature(char text[13]);

#endif
