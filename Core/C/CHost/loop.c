#define _GNU_SOURCE
#include "zos_loop.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* include/uapi/linux/ext4.h of Linux >= 5.18; the number is older. */
#define EXT4_RESIZE _IOW('f', 16, uint64_t)
#define LOOP_MAJOR 7

int zos_loop_grow(int directory) {
    struct stat facts;
    struct statfs system;
    uint64_t bytes, blocks;
    char path[64];
    if (fstat(directory, &facts) != 0 || fstatfs(directory, &system) != 0) return -errno;
    if (major(facts.st_dev) != LOOP_MAJOR || system.f_bsize <= 0) return -ENODEV;
    snprintf(path, sizeof path, "/dev/loop%u", minor(facts.st_dev));
    int device = open(path, O_RDWR | O_CLOEXEC);
    if (device < 0) return -errno;
    int result = ioctl(device, LOOP_SET_CAPACITY, 0) == 0 && ioctl(device, BLKGETSIZE64, &bytes) == 0 ? 0 : -errno;
    close(device);
    if (result < 0) return result;
    blocks = bytes / (uint64_t)system.f_bsize;
    return ioctl(directory, EXT4_RESIZE, &blocks) == 0 ? 0 : -errno;
}
