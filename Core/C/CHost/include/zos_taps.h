#ifndef ZOS_TAPS_H
#define ZOS_TAPS_H

/** Makes the device `name` by /dev/net/tun in the network namespace `netns` (-1: the caller's) and returns its
 * descriptor, non-blocking and close-on-exec. `flags` are IFF_TUN or IFF_TAP and friends of linux/if_tun.h. The device
 * lives as long as some copy of the descriptor. -EBUSY if another process holds a device of that name. */
int zos_tun_open(int netns, const char *name, int flags);

#endif
