"""A bed of mock HID devices (umockdev) for tests: orders as JSON lines on stdin, what happens as JSON lines on stdout.

  {"do": "add", "device": NAME, "describe": TEXT, "sysfs": PATH, "usb": PATH, "node": PATH, "ioctl": PATH or null, "reportBytes": N}
  {"do": "say", "device": NAME, "hex": HEX}          an input report
  {"do": "remove", "device": NAME}                   pulled out
tells {"root": DIR} at the start, {"done": ORDER} after each order, {"device": NAME, "report": HEX} for each output report.
"""
import array
import fcntl
import json
import os
import select
import shutil
import sys
import termios
import threading
import time
import tty

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

TIOCGPTN = 0x80045430  # asm-generic/ioctls.h: which pseudo terminal this is

bed = UMockdev.Testbed.new()
devices = {}
mouth = threading.Lock()


def tell(fact):
    with mouth:
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()


def listen(name, fd, report_bytes):
    """Output reports of a fixed size. Never blocks: a reader that waits would hold the device open when it is pulled."""
    waiting = b""
    while devices.get(name, {}).get("fd") == fd:
        try:
            chunk = os.read(fd, 4096)
        except OSError:
            chunk = b""
        if not chunk:
            time.sleep(0.005)
            continue
        waiting += chunk
        while len(waiting) >= report_bytes:
            tell({"device": name, "report": waiting[:report_bytes].hex()})
            waiting = waiting[report_bytes:]


def add(order):
    name = order["device"]
    bed.add_from_string(order["describe"])
    if order["ioctl"]:
        bed.load_ioctl(order["node"], order["ioctl"])
    fd = bed.get_dev_fd(order["node"])
    # umockdev keeps the number and may close it; ours is a copy. Reports are bytes: no end of line is to be mended.
    fd = os.dup(fd)
    tty.setraw(fd, termios.TCSANOW)
    os.set_blocking(fd, False)
    devices[name] = {"fd": fd, "sysfs": order["sysfs"], "usb": order["usb"], "node": order["node"]}
    threading.Thread(target=listen, args=(name, fd, order["reportBytes"]), daemon=True).start()


def far_end(fd):
    number = array.array("i", [0])
    fcntl.ioctl(fd, TIOCGPTN, number)
    return f"/dev/pts/{number[0]}"


def say(fd, report):
    """One report, and none before it is read: a pseudo terminal would join two into one."""
    os.write(fd, report)
    far = os.open(far_end(fd), os.O_RDWR | os.O_NOCTTY)
    limit = time.monotonic() + 1
    while select.select([far], [], [], 0)[0] and time.monotonic() < limit:
        time.sleep(0.002)
    os.close(far)


def remove(order):
    device = devices.pop(order["device"])
    # The number of the pseudo terminal is given out again; umockdev does not forget it by itself.
    os.unlink(bed.get_root_dir() + "/dev/.ptymap/" + far_end(device["fd"]).replace("/", "_"))
    bed.remove_device(device["sysfs"])
    bed.remove_device(device["usb"])
    os.close(bed.get_dev_fd(device["node"]))
    time.sleep(0.02)
    os.close(device["fd"])


tell({"root": bed.get_root_dir()})
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "add":
        add(order)
    elif order["do"] == "say":
        say(devices[order["device"]]["fd"], bytes.fromhex(order["hex"]))
    elif order["do"] == "remove":
        remove(order)
    tell({"done": order["do"]})

# The bed's folder goes with it; the interpreter's end alone would leave it.
shutil.rmtree(bed.get_root_dir(), ignore_errors=True)
