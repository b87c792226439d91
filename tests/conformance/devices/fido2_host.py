"""A second host for our security key: Debian's python3-fido2 speaks to the simulator over a socket, and judges what it signs.

Usage: fido2_host.py PORT. Prints one JSON object. Reports go both ways behind their length (2 bytes, big-endian), those to the key with a number in front.
"""

import hashlib
import json
import socket
import struct
import sys

from fido2.ctap import CtapError
from fido2.ctap2 import Ctap2
from fido2.ctap2.bio import FPBioEnrollment
from fido2.ctap2.pin import ClientPin
from fido2.hid import CtapHidDevice

REPORT = 64
RP = {"id": "peer.jharokha.invalid", "name": "peer"}
HASH = hashlib.sha256(b"a moment").digest()


class Descriptor:
    path = "socket"
    report_size_in = REPORT
    report_size_out = REPORT


class SocketConnection:
    """What fido2 takes for an open hidraw node."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def write_packet(self, packet):
        self._socket.sendall(struct.pack(">H", REPORT + 1) + b"\0" + packet)

    def read_packet(self):
        (length,) = struct.unpack(">H", self._exactly(2))
        return self._exactly(length)

    def close(self):
        self._socket.close()

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise OSError("the key is gone")
            data += part
        return data


def register_and_sign(ctap, pin, permissions_of):
    token = permissions_of(ClientPin.PERMISSION.MAKE_CREDENTIAL)
    made = ctap.make_credential(
        HASH,
        RP,
        {"id": b"u", "name": "u", "displayName": "u"},
        [{"type": "public-key", "alg": -7}],
        pin_uv_param=pin.protocol.authenticate(token, HASH),
        pin_uv_protocol=pin.protocol.VERSION,
    )
    credential = made.auth_data.credential_data
    allow = [{"type": "public-key", "id": credential.credential_id}]
    counters = []
    for _ in range(2):
        token = permissions_of(ClientPin.PERMISSION.GET_ASSERTION)
        signed = ctap.get_assertion(
            RP["id"],
            HASH,
            allow,
            pin_uv_param=pin.protocol.authenticate(token, HASH),
            pin_uv_protocol=pin.protocol.VERSION,
        )
        signed.verify(HASH, credential.public_key)
        assert signed.auth_data.rp_id_hash == hashlib.sha256(RP["id"].encode()).digest()
        assert signed.auth_data.is_user_verified() and signed.auth_data.is_user_present()
        counters.append(signed.auth_data.counter)
    try:
        signed.verify(hashlib.sha256(b"another moment").digest(), credential.public_key)
        raise AssertionError("a signature over something else was taken")
    except AssertionError:
        raise
    except Exception:
        pass
    return counters


def main():
    ctap = Ctap2(CtapHidDevice(Descriptor(), SocketConnection(int(sys.argv[1]))))
    found = {"versions": ctap.info.versions, "options": ctap.info.options, "protocols": ctap.info.pin_uv_protocols}
    pin = ClientPin(ctap)
    found["byFinger"] = register_and_sign(ctap, pin, lambda permissions: pin.get_uv_token(permissions, RP["id"]))
    pin.set_pin("246813")
    try:
        pin.get_pin_token("135724", ClientPin.PERMISSION.BIO_ENROLL)
    except CtapError as error:
        found["wrongPin"] = error.code.name
    pin.change_pin("246813", "975310")
    found["byPin"] = register_and_sign(ctap, pin, lambda permissions: pin.get_pin_token("975310", permissions, RP["id"]))
    bio = FPBioEnrollment(ctap, pin.protocol, pin.get_pin_token("975310", ClientPin.PERMISSION.BIO_ENROLL))
    enroller = bio.enroll()
    template = None
    while template is None:
        template = enroller.capture()
    bio.set_name(template, "peer's finger")
    found["fingers"] = sorted(name for name in bio.enumerate_enrollments().values())
    bio.remove_enrollment(template)
    found["after"] = len(bio.enumerate_enrollments())
    print(json.dumps(found))


main()
