#define _GNU_SOURCE
#include "zos_files.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

int zos_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    long result = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return result < 0 ? -errno : (int)result;
}

int zos_fallocate(int descriptor, int mode, uint64_t offset, uint64_t length) {
    return fallocate(descriptor, mode, (off_t)offset, (off_t)length) < 0 ? -errno : 0;
}

int zos_memfd(const char *name) {
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int result = (int)syscall(SYS_memfd_create, name, flags | MFD_NOEXEC_SEAL);
    /* Kernels before 6.3 do not know the flag. */
    if (result < 0 && errno == EINVAL) result = (int)syscall(SYS_memfd_create, name, flags);
    return result < 0 ? -errno : result;
}

int zos_seal(int descriptor) {
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    return fcntl(descriptor, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

int zos_open_path(const char *path) {
    int result = open(path, O_PATH | O_CLOEXEC);
    return result < 0 ? -errno : result;
}

int zos_sync_files(int descriptor) { return syncfs(descriptor) < 0 ? -errno : 0; }
