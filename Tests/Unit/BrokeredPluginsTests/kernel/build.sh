#!/bin/sh
# Adds a kernel and an initramfs of its own to a root: build.sh ROOT GUEST_FOLDER CACHE_FOLDER
# The kernel is the one that Plugins/zmachine/guest/build.sh has unpacked; busybox and drivers come from its initramfs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$1
guest=$(cd "$2" && pwd)
cache=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p "$root/boot" "$work/initramfs" "$work/kernel"
root=$(cd "$root" && pwd)
cp "$guest/vmlinuz" "$root/boot/vmlinuz"
(cd "$work/initramfs" && cpio --quiet -i -d -m <"$guest/initramfs")
dpkg-deb -x "$cache"/linux-image-*.deb "$work/kernel"
# For the disk that tells about the machine.
for module in cdrom isofs; do
    file=$(find "$work/kernel/lib/modules" -name "$module.ko" | head -n 1)
    [ -n "$file" ] || continue
    cp "$file" "$work/initramfs/modules/"
    echo "$module" >>"$work/initramfs/modules/order"
done
cp "$here/init" "$work/initramfs/init"
chmod 755 "$work/initramfs/init"
(cd "$work/initramfs" && find . -print0 | cpio --quiet --null -o -H newc) >"$root/boot/initrd.img"
cp "$here/own" "$root/sbin/own"
chmod 755 "$root/sbin/own"
