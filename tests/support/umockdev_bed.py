"""A bed of mock HID devices (umockdev) for tests: orders as JSON lines on stdin, what happens as JSON lines on stdout.

  {"do": "add", "device": NAME, "describe": TEXT, "sysfs": PATH, "node": PATH, "ioctl": PATH or null, "reportBytes": N}
  {"do": "say", "device": NAME, "hex": HEX}          an input report
  {"do": "remove", "device": NAME}                   pulled out
tells {"root": DIR} at the start, {"done": ORDER} after each order, {"device": NAME, "report": HEX} for each output report.
"""
import json
import os
import sys
import termios
import threading
import time
import tty

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import UMockdev  # noqa: E402

bed = UMockdev.Testbed.new()
devices = {}
mouth = threading.Lock()


def tell(fact):
    with mouth:
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()


def listen(name, fd, report_bytes):
    """Output reports of a fixed size. The far end of the pseudo terminal reads as an error until somebody has opened it."""
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
    devices[name] = {"fd": fd, "sysfs": order["sysfs"], "node": order["node"]}
    threading.Thread(target=listen, args=(name, fd, order["reportBytes"]), daemon=True).start()


def remove(order):
    device = devices.pop(order["device"])
    bed.remove_device(device["sysfs"])
    os.close(bed.get_dev_fd(device["node"]))
    time.sleep(0.02)
    os.close(device["fd"])


tell({"root": bed.get_root_dir()})
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "add":
        add(order)
    elif order["do"] == "say":
        os.write(devices[order["device"]]["fd"], bytes.fromhex(order["hex"]))
    elif order["do"] == "remove":
        remove(order)
    tell({"done": order["do"]})
