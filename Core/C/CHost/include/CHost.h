#ifndef ZOS_CHOST_H
#define ZOS_CHOST_H
/* System calls that Swift cannot reach. Plain prototypes only: feature macros stay inside the .c files.
 * Unless a comment says otherwise every function returns 0 or a descriptor, and -errno on failure. */
#include "zos_companions.h"
#include "zos_descriptors.h"
#include "zos_files.h"
#include "zos_launch.h"
#include "zos_loop.h"
#include "zos_mounts.h"
#include "zos_namespaces.h"
#include "zos_processes.h"
#include "zos_processor.h"
#include "zos_sandbox.h"
#include "zos_sockets.h"
#include "zos_taps.h"

#endif
