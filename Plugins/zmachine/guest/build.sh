#!/bin/sh
# Builds the kernel and initramfs that machines boot: build.sh OUTPUT_FOLDER [CACHE_FOLDER]
# For the plugin's package that is `../files/guest`.
# Kernel and drivers come from Debian's cloud kernel package, which is unpacked, never installed (its scripts would
# write /boot); the rest is busybox-static and what lies beside this script. Nothing is done if nothing has changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh OUTPUT_FOLDER [CACHE_FOLDER]}
cache=${2:-$here/../../../build/guest-cache}
mkdir -p "$out" "$cache"
out=$(cd "$out" && pwd)
cache=$(cd "$cache" && pwd)
busybox=$(command -v busybox) || { echo "busybox is missing: apt-get install busybox-static" >&2; exit 1; }
command -v cpio >/dev/null || { echo "cpio is missing: apt-get install cpio" >&2; exit 1; }

# What it was made from, per output: two of them may share a cache.
mark=$cache/stamp-$(printf %s "$out" | cksum | cut -d " " -f 1)
stamp=$(cat "$here/build.sh" "$here/init" "$here/supervise" "$here/grow.c" "$busybox" | sha256sum)
if [ -e "$out/initramfs" ] && [ -e "$out/vmlinuz" ] && [ "$(cat "$mark" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi

work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
# Downloads are kept: the kernel is 27 MB.
if ! ls "$cache"/linux-image-*.deb >/dev/null 2>&1; then
    kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*-cloud-amd64\)$/\1/p' | head -n 1)
    if [ -z "$kernel" ]; then
        echo "Debian's package lists know no linux-image-cloud-amd64: run apt-get update" >&2
        exit 1
    fi
    (cd "$cache" && apt-get -o APT::Sandbox::User=root -qq download "$kernel")
fi
dpkg-deb -x "$cache"/linux-image-*.deb "$work/kernel"

root=$work/initramfs
mkdir -p "$root/bin" "$root/modules" "$root/zos" "$root/proc" "$root/sys" "$root/dev"
cp "$busybox" "$root/bin/busybox"
cp "$here/init" "$here/supervise" "$root/"
chmod 755 "$root/init" "$root/supervise"
cc -Os -static -s -Wall -Wextra -Werror -o "$root/bin/grow" "$here/grow.c"
# In this order: each needs those before it (docs/spec/host-facts.md section 5).
for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover \
    virtio_net virtio_blk fuse virtiofs virtio-rng; do
    file=$(find "$work/kernel/lib/modules" -name "$module.ko" | head -n 1)
    [ -n "$file" ] || { echo "the kernel package has no module $module" >&2; exit 1; }
    cp "$file" "$root/modules/$module.ko"
    echo "$module" >>"$root/modules/order"
done
# Device nodes that exist before /dev is mounted: without a console the first messages are lost.
(cd "$root" && mknod -m 600 dev/console c 5 1 && mknod -m 666 dev/null c 1 3 && find . -print0 | LC_ALL=C sort -z |
    cpio --quiet --null --reproducible -R 0:0 -o -H newc) >"$work/archive"
# Not compressed: an emulated processor copies faster than it unpacks.
mv "$work/archive" "$out/initramfs"
mv "$work"/kernel/boot/vmlinuz-* "$out/vmlinuz"
chmod 644 "$out/initramfs" "$out/vmlinuz"
echo "$stamp" >"$mark"
