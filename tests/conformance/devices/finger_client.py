"""An independent host for serial fingerprint modules, made from the frame description alone.

Frame: EF 01, address (4), packet id (1: 01 command, 02 data, 07 answer, 08 end of data), length (2, payload + 2), payload, checksum (2, sum of
packet id, length and payload, modulo 65536). Big-endian.

Usage: finger_client.py PORT. When a finger is needed it prints {"need": ...} and waits for a line; at the end it prints {"ok": true, ...}.
"""

import json
import struct
import sys
import time

import serial

DEADLINE_S = 5.0


class Module:
    def __init__(self, path):
        self.port = serial.Serial(path, 57600, timeout=0.05)
        self.buffer = b""
        self.drain()

    def drain(self):
        """Waits until a starting module has said its 55 and the line is quiet."""
        until = time.monotonic() + 0.4
        while time.monotonic() < until:
            self.port.read(64)

    def put(self, packet_id, payload):
        body = struct.pack(">BH", packet_id, len(payload) + 2) + payload
        self.port.write(b"\xef\x01\xff\xff\xff\xff" + body + struct.pack(">H", sum(body) & 0xFFFF))

    def take(self, count):
        until = time.monotonic() + DEADLINE_S
        while len(self.buffer) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.buffer)} of {count} bytes came")
            self.buffer += self.port.read(512)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def get(self):
        head = self.take(9)
        assert head[:6] == b"\xef\x01\xff\xff\xff\xff", head.hex()
        packet_id, length = struct.unpack(">BH", head[6:])
        rest = self.take(length)
        assert sum(head[6:] + rest[:-2]) & 0xFFFF == struct.unpack(">H", rest[-2:])[0], "checksum"
        return packet_id, rest[:-2]

    def command(self, *payload):
        self.put(1, bytes(payload))
        packet_id, answer = self.get()
        assert packet_id == 7, packet_id
        return answer[0], answer[1:]

    def good(self, *payload):
        code, args = self.command(*payload)
        assert code == 0, f"{bytes(payload).hex()} answered {code:02x}"
        return args

    def data(self, packet_bytes):
        whole = b""
        while True:
            packet_id, payload = self.get()
            whole += payload
            if packet_id == 8:
                return whole
            assert packet_id == 2 and len(payload) == packet_bytes


def say(**what):
    print(json.dumps(what), flush=True)


def finger(name):
    say(need=name)
    sys.stdin.readline()


def capture(module, name, buffer):
    finger(name)
    module.good(0x01)
    module.good(0x02, buffer)
    finger("")
    assert module.command(0x01)[0] == 0x02, "no finger"


def search(module, capacity):
    return module.command(0x04, 1, 0, 0, *struct.pack(">H", capacity))


def main():
    module = Module(sys.argv[1])
    assert module.command(0x13, 0, 0, 0, 1)[0] == 0x13, "a wrong password is refused"
    module.good(0x13, 0, 0, 0, 0)
    status, system_id, capacity, security, address, code, baud = struct.unpack(">HHHHIHH", module.good(0x0F))
    packet_bytes = 32 << code
    assert module.command(0x01)[0] == 0x02, "no finger"

    for buffer in (1, 2):
        capture(module, "right-thumb", buffer)
    module.good(0x05)
    module.good(0x06, 1, 0, 9)
    index = module.good(0x1F, 0)
    pages = [i for i in range(256) if index[i // 8] >> (i % 8) & 1]
    count = struct.unpack(">H", module.good(0x1D))[0]

    capture(module, "right-thumb", 1)
    hit = search(module, capacity)
    capture(module, "left-thumb", 1)
    miss = search(module, capacity)

    module.good(0x07, 1, 0, 9)
    module.good(0x08, 1)
    template = module.data(packet_bytes)

    module.good(0x0C, 0, 9, 0, 1)
    gone = struct.unpack(">H", module.good(0x1D))[0]

    module.good(0x09, 2)
    for at in range(0, len(template), packet_bytes):
        module.put(8 if at + packet_bytes >= len(template) else 2, template[at : at + packet_bytes])
    module.good(0x08, 2)
    back = module.data(packet_bytes)
    capture(module, "right-thumb", 1)
    match = module.command(0x03)

    say(
        ok=True,
        systemId=system_id,
        capacity=capacity,
        packetBytes=packet_bytes,
        baudRate=baud * 9600,
        address=address,
        pages=pages,
        count=count,
        hit=[hit[0], *struct.unpack(">HH", hit[1])][:2],
        miss=miss[0],
        templateBytes=len(template),
        sameBack=back == template,
        gone=gone,
        match=match[0],
    )


main()
