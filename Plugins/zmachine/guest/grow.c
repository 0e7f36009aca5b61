/* grow DEVICE MOUNTPOINT: lets a mounted ext4 fill its disk, which may have grown since it was made. Anything else is
 * left alone. */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#define EXT4_MAGIC 0xEF53
/* include/uapi/linux/ext4.h of Linux ≥ 5.18; the number is older. */
#define EXT4_RESIZE _IOW('f', 16, uint64_t)

int main(int count, char **arguments) {
    struct statfs before;
    uint64_t bytes, blocks;
    if (count != 3) return 2;
    int device = open(arguments[1], O_RDONLY | O_CLOEXEC);
    int mounted = open(arguments[2], O_RDONLY | O_CLOEXEC);
    if (device < 0 || mounted < 0 || fstatfs(mounted, &before)) return perror("grow"), 1;
    if (before.f_type != EXT4_MAGIC) return 0;
    if (ioctl(device, BLKGETSIZE64, &bytes)) return perror("grow: size"), 1;
    blocks = bytes / (uint64_t)before.f_bsize;
    /* f_blocks leaves out what the file system needs itself, so always ask; equal size is no change. */
    if (ioctl(mounted, EXT4_RESIZE, &blocks)) return perror("grow: resize"), 1;
    return 0;
}
