#ifndef ZOS_LOOP_H
#define ZOS_LOOP_H

/** Attaches a free loop device to the file and returns its descriptor; its number goes to `number` (/dev/loop<number>).
 * The device lets go of the file by itself when the last mount and descriptor are gone. */
int zos_loop_attach(int file, int *number);

/** Lets the ext4 that `directory` is the root of, mounted from a loop device, fill its file, which has grown. Same size
 * is no change. Returns 0 or -errno. */
int zos_loop_grow(int directory);

/** The type of the file system that `path` lies on (statfs(2), the magic number), or -errno. */
long zos_fs_type(const char *path);

#endif
