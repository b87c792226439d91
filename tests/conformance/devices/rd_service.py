"""A UIDAI RD service on a raw socket, by the Python standard library alone, written from the specification: an independent peer for the client.

Prints its port, then takes orders on standard input, one a line: "finger QUALITY", "code CODE", "status WORD", "registered yes|no"; answers each with "ok".
The hash of the Data that it sent last is asked for with "data".
"""

import base64
import hashlib
import os
import queue
import re
import socket
import sys
import threading

fingers = queue.Queue()
state = {"status": "READY", "registered": "yes", "data": ""}


def envelope(body):
    payload = body.encode()
    return b"HTTP/1.0 200 OK\r\nServer: rd\r\nContent-type: application/xml\r\nContent-length: %d\r\n\r\n" % len(payload) + payload


def service():
    return (
        "<RDService  info='Python  finger service' status='%s' >\n"
        "  <Interface path='/x/info'  id='DEVICEINFO' />\n"
        "  <Interface path='/x/take'  id='CAPTURE' ></Interface>\n</RDService>\n" % state["status"]
    )


def device():
    if state["registered"] == "no":
        return "<DeviceInfo dpId='' rdsId='' rdsVer='' dc='' mi='' mc='' />"
    return (
        "<DeviceInfo dpId='JHAROKHA.VIRTUAL' rdsId='PY.001' rdsVer='0.1' dc='d' mi='PY1' mc=''>"
        "<Additional_Info><Param name='srno' value='42' /></Additional_Info></DeviceInfo>"
    )


def capture(options):
    timeout = int(re.search(r'timeout="(\d+)"', options).group(1)) / 1000
    if state["status"] == "NOTREADY" or state["registered"] == "no":
        return "<PidData><Resp errCode='720' errInfo='not ready'/></PidData>"
    try:
        what, value = fingers.get(timeout=timeout)
    except queue.Empty:
        return "<PidData><Resp errCode='700' errInfo='timeout' /></PidData>"
    if what == "code":
        return "<PidData>\n<Resp errInfo='by order' errCode='%d'/>\n</PidData>" % value
    data = base64.b64encode(os.urandom(900)).decode()
    state["data"] = hashlib.sha256(data.encode()).hexdigest()
    folded = "\r\n".join(data[i : i + 76] for i in range(0, len(data), 76))
    key = base64.b64encode(os.urandom(256)).decode()
    mac = base64.b64encode(os.urandom(48)).decode()
    return (
        "<?xml version='1.0'?>\n<PidData><Resp errCode='0' errInfo='' qScore='%d' nmPoints='30'/>"
        "<DeviceInfo dpId='JHAROKHA.VIRTUAL'/><Skey ci='20301231'>%s</Skey><Hmac>%s</Hmac><Data type='X'>%s</Data></PidData>"
        % (value, key, mac, folded)
    )


def serve(connection):
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(4096)
        if not more:
            return
        read += more
    head, body = read.split(b"\r\n\r\n", 1)
    length = int((re.search(rb"(?i)content-length:\s*(\d+)", head) or [b"", b"0"])[1])
    while len(body) < length:
        body += connection.recv(4096)
    verb, path = head.split(b" ")[:2]
    routes = {(b"RDSERVICE", b"/"): service, (b"DEVICEINFO", b"/x/info"): device, (b"CAPTURE", b"/x/take"): lambda: capture(body.decode())}
    route = routes.get((verb, path))
    connection.sendall(envelope(route()) if route else b"HTTP/1.0 404 Not Found\r\n\r\n")


def listen(server):
    while True:
        connection, _ = server.accept()
        with connection:
            try:
                serve(connection)
            except OSError:
                pass


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=listen, args=(listener,), daemon=True).start()
print(listener.getsockname()[1], flush=True)
for line in sys.stdin:
    word, _, rest = line.strip().partition(" ")
    if word in ("status", "registered"):
        state[word] = rest
    elif word in ("finger", "code"):
        fingers.put((word, int(rest)))
    print(state["data"] if word == "data" else "ok", flush=True)
