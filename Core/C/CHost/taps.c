#define _GNU_SOURCE
#include "zos_taps.h"
#include "zos_namespaces.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct wanted_device {
    const char *name;
    int flags;
};

/* Opening decides the namespace, naming does not: both happen inside. */
static int open_device(void *context) {
    const struct wanted_device *wanted = context;
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(wanted->name) >= sizeof request.ifr_name) return -EINVAL;
    strcpy(request.ifr_name, wanted->name);
    request.ifr_flags = (short)wanted->flags;
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) return -errno;
    if (ioctl(device, TUNSETIFF, &request) < 0) {
        int failure = errno;
        close(device);
        return -failure;
    }
    return device;
}

int zos_tun_open(int netns, const char *name, int flags) {
    struct wanted_device wanted = {name, flags};
    return netns < 0 ? open_device(&wanted) : zos_in_namespace(netns, open_device, &wanted);
}
