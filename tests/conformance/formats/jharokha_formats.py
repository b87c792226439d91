"""Signed messages of Jharokha, written from docs/formats/signing.md alone (sections named below).

Needs Debian's python3-cbor2 and python3-cryptography. Shares no code with the product.
"""

import hashlib
import io
import re

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ITEM_BYTES_MAX = 1_048_576
SECONDS_MAX = 253_402_214_400


class Bad(Exception):
    """What was given is not what the document describes."""


# --- section 1: deterministic CBOR


def _head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise Bad("an integer beyond 64 bits")


def encode(value):
    if value is False:
        return b"\xf4"
    if value is True:
        return b"\xf5"
    if value is None:
        return b"\xf6"
    if type(value) is int:
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if type(value) is bytes:
        return _head(2, len(value)) + value
    if type(value) is str:
        if value.startswith("\ufeff"):
            raise Bad("text begins with U+FEFF")
        try:
            raw = value.encode("utf-8")
        except UnicodeEncodeError:
            raise Bad("text is not valid Unicode") from None
        return _head(3, len(raw)) + raw
    if type(value) in (list, tuple):
        return _head(4, len(value)) + b"".join(encode(item) for item in value)
    if type(value) is dict:
        if any(type(key) is not str for key in value):
            raise Bad("a key is not text")
        pairs = sorted((encode(key), encode(item)) for key, item in value.items())
        return _head(5, len(pairs)) + b"".join(key + item for key, item in pairs)
    raise Bad(f"{type(value).__name__} has no place here")


def decode_first(data):
    """The first item and its length; refuses anything but deterministic form."""
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(stream).decode()
        again = encode(value)
    except Bad:
        raise
    except Exception as error:  # cbor2 raises many kinds; each means undecodable
        raise Bad(f"not CBOR: {error}") from None
    if data[: len(again)] != again:
        raise Bad("not in deterministic form")
    return value, len(again)


def decode(data):
    if len(data) > ITEM_BYTES_MAX:
        raise Bad("too long")
    value, length = decode_first(data)
    if length != len(data):
        raise Bad("something follows the item")
    return value


# --- section 2: COSE_Sign1

PROTECTED = bytes.fromhex("a10127")


def open_cose(public_key, purpose, data, context=""):
    """The payload, when the message is signed by this key for this purpose."""
    if data[:1] != b"\xd2":
        raise Bad("not tagged 18")
    parts = decode(data[1:])
    if type(parts) is not list or len(parts) != 4:
        raise Bad("not an array of four")
    protected, unprotected, payload, signature = parts
    if type(protected) is not bytes or protected != PROTECTED:
        raise Bad("the protected header is not {1: -8}")
    if type(unprotected) is not dict or unprotected != {}:
        raise Bad("the unprotected header is not the empty map")
    if type(payload) is not bytes or type(signature) is not bytes or len(signature) != 64:
        raise Bad("payload or signature is of another kind")
    signed = encode(["Signature1", PROTECTED, (purpose + context).encode("utf-8"), payload])
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        raise Bad(f"the signature does not belong to this {purpose}") from None
    return payload


# --- section 5: types


def an_int(low=-(2**53 - 1), high=2**53 - 1):
    def check(value):
        if type(value) is not int or not low <= value <= high:
            raise Bad(f"{value!r} is not an integer from {low} to {high}")

    return check


def a_text(most, least=0):
    def check(value):
        if type(value) is not str or not least <= len(value) <= most:
            raise Bad("a text of another kind or length")

    return check


def a_pattern(pattern):
    compiled = re.compile(pattern)

    def check(value):
        if type(value) is not str or not compiled.fullmatch(value):
            raise Bad(f"{value!r} is not of the form {pattern}")

    return check


def some_bytes(length):
    def check(value):
        if type(value) is not bytes or len(value) != length:
            raise Bad(f"not {length} bytes")

    return check


def one_of(*allowed):
    def check(value):
        if not any(type(value) is type(item) and value == item for item in allowed):
            raise Bad(f"{value!r} is none of {allowed}")

    return check


def a_bool(value):
    if type(value) is not bool:
        raise Bad("not true or false")


def or_null(check):
    def checked(value):
        if value is not None:
            check(value)

    return checked


def a_map(**keys):
    def check(value):
        if type(value) is not dict or set(value) != set(keys):
            raise Bad("a map with other keys")
        for key, item in keys.items():
            item(value[key])

    return check


def an_array(*items):
    def check(value):
        if type(value) is not list or len(value) != len(items):
            raise Bad(f"not an array of {len(items)}")
        for item, part in zip(items, value):
            item(part)

    return check


SUM = an_int(0, 2**63 - 1)
PAISE = an_int(-(2**63 - 1), 2**63 - 1)
MS = an_int(0, SECONDS_MAX * 1000)
SECONDS = an_int(0, SECONDS_MAX)
HASH = some_bytes(32)
EPOCH = an_int(1, 65_535)
DISTRICT = a_pattern(r"(lgd|c11):[1-9][0-9]{0,3}")
KIOSK = a_pattern(r"[a-z0-9-]{3,16}")
LOGIN = a_pattern(r"[a-z0-9.-]{3,40}")
DEPARTMENT = a_pattern(r"[A-Z][A-Z0-9-]{1,11}")
SERVICE = a_pattern(r"[0-9]{3,6}")
ID = a_pattern(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def sha256(data):
    return hashlib.sha256(data).digest()


# --- sections 3 and 4: keys and certificates


def read_district_key(path):
    with open(path, "rb") as file:
        key = load_pem_public_key(file.read())
    if not isinstance(key, Ed25519PublicKey):
        raise Bad("not an Ed25519 key")
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


CERTIFICATE = an_array(one_of(1), one_of("H", "K"), DISTRICT, a_text(40, 1), EPOCH, some_bytes(32), SECONDS, SECONDS)


class Certificate:
    def __init__(self, district_key, data, role):
        payload = decode(open_cose(district_key, "jharokha/certificate/1", data))
        CERTIFICATE(payload)
        _, letter, self.district, self.subject, self.epoch, self.key, self.not_before, self.not_after = payload
        if letter != role:
            raise Bad("the certificate is for another role")
        self.data = data

    def holds_at_ms(self, at):
        return self.not_before * 1000 <= at <= self.not_after * 1000
