#!/usr/bin/python3
"""Checks receipt codes, written from docs/formats/receipt-qr.md and signing.md alone.

verify_receipt.py DISTRICT_KEY_PEM < TEXTS   one text a line on standard input; one line of JSON each.
"""

import base64
import json
import re
import sys

from jharokha_formats import (
    DEPARTMENT,
    SECONDS,
    SERVICE,
    SUM,
    Bad,
    Certificate,
    a_text,
    an_array,
    an_int,
    decode,
    one_of,
    open_cose,
    read_district_key,
    some_bytes,
)

TEXT = re.compile(r"(HTTPS://[A-Z0-9.:-]{1,80}/R/)([A-Z2-7]{40,1200})", re.ASCII | re.IGNORECASE)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def state(value):
    if type(value) is str:
        a_text(40, 1)(value)
    else:
        SECONDS(value)


FACTS = an_array(one_of(1), an_int(1), some_bytes(16), SECONDS, SERVICE, DEPARTMENT, SUM, SUM, some_bytes(16), state)


class Refused(Exception):
    pass


def base32_bytes(text):
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        raise Refused("not-a-receipt") from None
    if base64.b32encode(data).decode("ascii").rstrip("=") != text:
        raise Refused("not-a-receipt")
    return data


def typed_code(entry):
    number = int.from_bytes(entry[:5], "big")
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))


def check(district_key, text):
    match = TEXT.fullmatch(text.strip())
    if match is None or not text.strip().isascii():
        raise Refused("not-a-receipt")
    prefix, code = match.group(1).upper(), match.group(2).upper()
    try:
        pair = decode(base32_bytes(code))
        if type(pair) is not list or len(pair) != 2 or any(type(part) is not bytes for part in pair):
            raise Bad("not two byte strings")
    except Bad:
        raise Refused("not-a-receipt") from None
    try:
        certificate = Certificate(district_key, pair[1], "K")
    except Bad:
        raise Refused("bad-certificate") from None
    try:
        payload = open_cose(certificate.key, "jharokha/receipt/1", pair[0], " " + prefix)
    except Bad:
        raise Refused("bad-signature") from None
    try:
        facts = decode(payload)
        FACTS(facts)
    except Bad:
        raise Refused("not-a-receipt") from None
    if not certificate.not_before <= facts[3] <= certificate.not_after:
        raise Refused("outside-certificate")
    return {
        "ok": True,
        "number": f"{certificate.subject.upper()}-{certificate.epoch}-{facts[1]:06d}",
        "code": typed_code(facts[2]),
        "at": facts[3] * 1000,
        "service": facts[4],
        "department": facts[5],
        "totalPaise": str(facts[6]),
        "citizenFeePaise": str(facts[7]),
        "consumerDigest": facts[8].hex(),
        "state": {"kind": "posted", "reference": facts[9]} if type(facts[9]) is str else {"kind": "received", "postBy": facts[9] * 1000},
    }


def main(arguments):
    district_key = read_district_key(arguments[0])
    good = True
    for line in sys.stdin:
        try:
            verdict = check(district_key, line)
        except Refused as refused:
            verdict = {"ok": False, "code": str(refused)}
        good = good and verdict["ok"]
        print(json.dumps(verdict))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
