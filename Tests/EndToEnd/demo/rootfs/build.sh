#!/bin/sh
# Builds the root file system of the example: build.sh OUTPUT_FOLDER
# Debian's busybox-static and the program beside this script, nothing else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh OUTPUT_FOLDER}
busybox=$(command -v busybox) || { echo "busybox is missing: apt-get install busybox-static" >&2; exit 1; }
mkdir -p "$out/bin" "$out/sbin" "$out/etc" "$out/root" "$out/srv" "$out/tmp" "$out/proc" "$out/sys" "$out/dev" "$out/run"
cp "$busybox" "$out/bin/busybox"
for name in sh cat cp dd df echo env grep head hostname ip ln ls mkdir mount ping ps rm sed sleep sync tail touch umount wget; do
    ln -sf busybox "$out/bin/$name"
done
cp "$here/app" "$out/sbin/app"
chmod 755 "$out/sbin/app"
mkdir -p "$out/srv/cgi-bin"
cp "$here/cgi-bin/spoof" "$out/srv/cgi-bin/spoof"
chmod 755 "$out/srv/cgi-bin/spoof"
echo 'root:x:0:0:root:/root:/bin/sh' >"$out/etc/passwd"
echo 'root:x:0:' >"$out/etc/group"
