#ifndef ZOS_LOOP_H
#define ZOS_LOOP_H

/** Attaches a free loop device to the file and returns its descriptor; its number goes to `number` (/dev/loop<number>).
 * The device lets go of the file by itself when the last mount and descriptor are gone. */
int zos_loop_attach(int file, int *number);

/** The type of the file system that `path` lies on (statfs(2), the magic number), or -errno. */
long zos_fs_type(const char *path);

#endif
