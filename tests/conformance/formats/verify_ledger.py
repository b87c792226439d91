#!/usr/bin/python3
"""Checks ledger exports, written from docs/formats/ledger-export.md and signing.md alone.

verify_ledger.py DISTRICT_KEY_PEM [--allow-tail] FILE...   prints one line of JSON a file.
"""

import json
import re
import sys

from jharokha_formats import (
    DEPARTMENT,
    DISTRICT,
    EPOCH,
    HASH,
    ID,
    KIOSK,
    LOGIN,
    MS,
    PAISE,
    SERVICE,
    SUM,
    Bad,
    Certificate,
    a_bool,
    a_map,
    a_pattern,
    a_text,
    an_int,
    decode,
    decode_first,
    one_of,
    open_cose,
    or_null,
    read_district_key,
    sha256,
    some_bytes,
)

ORDER = ["jharokha-ledger", "kiosk-certificate", "entry", "kiosk-head", "hub-certificate", "hub-head"]

# --- section 2

MODE = one_of("online", "semi-offline", "semi-offline-delayed", "offline")
PLACE = a_map(seq=an_int(0), hash=HASH)
INT = an_int()
PRINTER = a_pattern(r"[a-z0-9][a-z0-9-]{0,23}")
SERIAL = a_pattern(r"[A-Z0-9/-]{0,14}[0-9]{1,9}")


def check_pack(first, last):
    (start, low), (again, high) = [re.fullmatch(r"(.*?)([0-9]{1,9})", serial).groups() for serial in (first, last)]
    if start != again or len(low) != len(high) or not int(low) <= int(high) < int(low) + 10_000:
        raise Bad("first and last are not one pack")


BODIES = {
    "started": dict(software=a_text(40), clean=a_bool),
    "operator-on": dict(checked=one_of("hub", "verifier", "hub-key", "verifier-key")),
    "operator-off": {},
    "till-opened": dict(floatPaise=SUM),
    "till-closed": dict(expectedPaise=PAISE, countedPaise=SUM, sales=INT, salesPaise=SUM),
    "quoted": dict(
        transaction=ID, service=SERVICE, department=DEPARTMENT, consumer=a_text(24), billNumber=a_text(24), totalPaise=SUM, mode=MODE
    ),
    "abandoned": dict(transaction=ID, reason=one_of("operator", "not-secured", "restart", "replaced")),
    "sale": dict(
        transaction=ID,
        service=SERVICE,
        department=DEPARTMENT,
        consumer=a_text(24),
        billNumber=a_text(24),
        billPaise=SUM,
        citizenFeePaise=SUM,
        departmentFeePaise=SUM,
        totalPaise=SUM,
        payer=one_of("citizen", "department"),
        late=a_bool,
        part=a_bool,
        mode=MODE,
        grant=a_map(id=ID, number=INT, kind=one_of("hold", "lease")),
        tender=a_map(kind=one_of("cash"), receivedPaise=SUM),
        salt=some_bytes(8),
        postBy=MS,
    ),
    "confirmed": dict(transaction=ID, reference=a_text(40), at=MS),
    "refused": dict(transaction=ID, reason=a_text(120), cash=one_of("to-return", "citizen-gone")),
    "returned": dict(transaction=ID, totalPaise=SUM),
    "presence": dict(
        transaction=ID,
        attempt=an_int(1),
        by=one_of("finger", "aadhaar", "witness"),
        bound=HASH,
        outcome=one_of("given", "no-match", "unclear", "none", "failed", "withdrawn"),
        block=or_null(HASH),
        witness=a_text(60),
    ),
    "print-started": dict(
        transaction=ID,
        copy=an_int(1),
        marked=one_of("original", "duplicate", "slip"),
        shows=one_of("received", "posted", "returned"),
        printer=PRINTER,
    ),
    "print-ended": dict(
        transaction=ID,
        copy=an_int(1),
        outcome=one_of("printed", "not-started", "unknown"),
        cause=a_text(60),
        by=one_of("printer", "operator", "restart"),
    ),
    "stock-loaded": dict(printer=PRINTER, first=SERIAL, last=SERIAL),
    "form-used": dict(printer=PRINTER, serial=SERIAL, transaction=ID, copy=an_int(1)),
    "forms-spoilt": dict(printer=PRINTER, first=SERIAL, last=SERIAL),
    "lease-taken": dict(id=ID, number=INT, limitPaise=SUM, notAfter=MS),
    "lease-closed": dict(id=ID, base=PLACE, head=PLACE, drawnPaise=SUM),
}


def check_body(body):
    if type(body) is not dict or body.get("kind") not in BODIES:
        raise Bad("an unknown kind of entry")
    a_map(kind=one_of(body["kind"]), **BODIES[body["kind"]])(body)
    if body["kind"] == "sale" and body["totalPaise"] != body["billPaise"] + body["citizenFeePaise"]:
        raise Bad("the total is not bill plus citizen fee")
    if body["kind"] in ("stock-loaded", "forms-spoilt"):
        check_pack(body["first"], body["last"])


check_entry = a_map(
    v=one_of(1),
    district=DISTRICT,
    kiosk=KIOSK,
    epoch=EPOCH,
    seq=an_int(1),
    prev=HASH,
    at=MS,
    operator=or_null(LOGIN),
    ruleBook=an_int(0),
    body=check_body,
)

# --- section 3

check_head = a_map(
    v=one_of(1), by=one_of("kiosk", "hub"), district=DISTRICT, kiosk=KIOSK, epoch=EPOCH, count=an_int(0), hash=HASH, at=MS
)


class Fault(Exception):
    def __init__(self, place, detail):
        super().__init__(detail)
        self.place = place if isinstance(place, dict) else {"part": place}


def entry_place(number):
    return {"entry": number}


# --- section 4


class Check:
    def __init__(self, district_key):
        self.district_key = district_key
        self.last = None
        self.kiosk = None
        self.hub = None
        self.hashes = []
        self.newest_hash = None
        self.newest_time = None
        self.countersigned = None

    def unreadable(self, detail):
        place = entry_place(len(self.hashes) + 1) if self.last in ("kiosk-certificate", "entry") else "file"
        return Fault(place, detail)

    def read(self, data, at):
        try:
            value, length = decode_first(data[at:])
        except Bad as bad:
            raise self.unreadable(str(bad)) from None
        if type(value) is not list or len(value) != 2 or value[0] not in ORDER or type(value[1]) is not bytes:
            raise self.unreadable("an item is not a known name with its bytes")
        return value[0], value[1], at + length

    def in_turn(self, name):
        if self.last is None:
            return name == ORDER[0]
        if name == self.last:
            return name in ("entry", "hub-head")
        if name == "kiosk-head" and self.last == "kiosk-certificate":
            return True
        return ORDER.index(name) == ORDER.index(self.last) + 1

    def take(self, name, data):
        if not self.in_turn(name):
            raise Fault(name, f"{name} may not follow {self.last}")
        self.last = name
        if name == "jharokha-ledger":
            if data != b"\x01":
                raise Fault(name, "unknown format number")
        elif name == "kiosk-certificate":
            self.take_kiosk(data)
        elif name == "hub-certificate":
            self.take_hub(data)
        elif name == "entry":
            self.take_entry(data)
        else:
            self.take_head(name, data)

    def take_kiosk(self, data):
        try:
            self.kiosk = Certificate(self.district_key, data, "K")
        except Bad as bad:
            raise Fault("kiosk-certificate", str(bad)) from None
        self.start = sha256(data)
        self.newest_hash = self.start
        self.newest_time = self.kiosk.not_before * 1000

    def take_hub(self, data):
        try:
            self.hub = Certificate(self.district_key, data, "H")
        except Bad as bad:
            raise Fault("hub-certificate", str(bad)) from None
        if self.hub.district != self.kiosk.district:
            raise Fault("hub-certificate", "a hub of another district")

    def take_entry(self, data):
        number = len(self.hashes) + 1
        try:
            payload = open_cose(self.kiosk.key, "jharokha/entry/1", data)
            entry = decode(payload)
            check_entry(entry)
            if (entry["district"], entry["kiosk"], entry["epoch"]) != (self.kiosk.district, self.kiosk.subject, self.kiosk.epoch):
                raise Bad("an entry of another kiosk")
            if entry["seq"] != number:
                raise Bad(f"entry {entry['seq']} stands where {number} is expected")
            if entry["prev"] != self.newest_hash:
                raise Bad("the previous hash does not fit")
            if entry["at"] < self.newest_time:
                raise Bad("older than the one before")
            if not self.kiosk.holds_at_ms(entry["at"]):
                raise Bad("outside the certificate")
        except Bad as bad:
            raise Fault(entry_place(number), str(bad)) from None
        self.newest_hash = sha256(payload)
        self.newest_time = entry["at"]
        self.hashes.append(self.newest_hash)

    def take_head(self, name, data):
        by = "kiosk" if name == "kiosk-head" else "hub"
        certificate = self.kiosk if by == "kiosk" else self.hub
        count_here = len(self.hashes)
        try:
            head = decode(open_cose(certificate.key, "jharokha/head/1", data))
            check_head(head)
            if head["by"] != by:
                raise Bad("signed in another role")
            if (head["district"], head["kiosk"], head["epoch"]) != (self.kiosk.district, self.kiosk.subject, self.kiosk.epoch):
                raise Bad("of another kiosk")
            if not certificate.holds_at_ms(head["at"]):
                raise Bad("outside the certificate")
        except Bad as bad:
            raise Fault(name, str(bad)) from None
        count = head["count"]
        if count > count_here:
            raise Fault(entry_place(count_here + 1), f"missing: signed for {count}, the file has {count_here}")
        if by == "hub" and self.countersigned is not None and count <= self.countersigned:
            raise Fault(name, "the hub's heads do not rise")
        if head["hash"] != (self.start if count == 0 else self.hashes[count - 1]):
            raise Fault(name if count == 0 else entry_place(count), "another entry was signed in this place")
        if by == "kiosk" and count != count_here:
            raise Fault(entry_place(count + 1), "an entry after the kiosk's own head")
        if by == "hub":
            self.countersigned = count

    def end(self, allow_tail):
        if self.last not in ("hub-certificate", "hub-head"):
            raise self.unreadable("the file ends before its heads")
        count = len(self.hashes)
        if not allow_tail:
            if self.countersigned is None and count == 0:
                raise Fault("hub-head", "the hub has countersigned nothing")
            if (self.countersigned or 0) < count:
                raise Fault(entry_place((self.countersigned or 0) + 1), "not countersigned by the hub")
        return {"ok": True, "count": count, "countersigned": self.countersigned or 0, "head": self.newest_hash.hex()}


def verify(district_key, data, allow_tail=False):
    check = Check(district_key)
    try:
        at = 0
        while at < len(data):
            name, payload, at = check.read(data, at)
            check.take(name, payload)
        return check.end(allow_tail)
    except Fault as fault:
        return {"ok": False, **fault.place, "detail": str(fault)}


def main(arguments):
    allow_tail = "--allow-tail" in arguments
    key, *files = [word for word in arguments if word != "--allow-tail"]
    district_key = read_district_key(key)
    good = True
    for path in files:
        with open(path, "rb") as file:
            verdict = verify(district_key, file.read(), allow_tail)
        good = good and verdict["ok"]
        print(json.dumps(verdict))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
