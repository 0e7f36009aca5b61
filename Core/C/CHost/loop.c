#define _GNU_SOURCE
#include "zos_loop.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

int zos_loop_attach(int file, int *number) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) return -errno;
    int result = -EBUSY;
    /* Somebody else may take the free one in between; a few attempts are enough. */
    for (int attempt = 0; attempt < 16 && result == -EBUSY; attempt++) {
        char path[64];
        *number = ioctl(control, LOOP_CTL_GET_FREE);
        if (*number < 0) {
            result = -errno;
            break;
        }
        snprintf(path, sizeof path, "/dev/loop%d", *number);
        int device = open(path, O_RDWR | O_CLOEXEC);
        if (device < 0) {
            result = -errno;
            break;
        }
        struct loop_config configuration = {.fd = (unsigned)file, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
        result = ioctl(device, LOOP_CONFIGURE, &configuration) == 0 ? device : -errno;
        if (result < 0) close(device);
    }
    close(control);
    return result;
}

long zos_fs_type(const char *path) {
    struct statfs facts;
    return statfs(path, &facts) != 0 ? -errno : (long)facts.f_type;
}
