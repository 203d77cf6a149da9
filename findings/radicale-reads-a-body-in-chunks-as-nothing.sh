#!/usr/bin/env bash
# A request whose body comes in chunks is read by Radicale as one without a body: a card is refused as if it were
# empty, and a question for two properties is answered with all of them.
#
# Versions: Radicale 3.9.0, its own server; for comparison Xandikos 0.4.10 (PyPI).
# Expected: a body may be sent with its length or in chunks (RFC 9112, 6), and means the same. A server that
#   takes none in chunks answers 411.
# What happens: Radicale reads as many bytes as Content-Length says, and none where it says nothing. PUT is answered
#   with 400, and PROPFIND with 207 and what an empty request asks for. Xandikos takes both.
# Why it matters: HTTP in a sandbox (wasi:http), and every client that streams, sends chunks unless it is
#   told the length. Looking at the address book then works, as nothing shows that the question was not read, and no
#   card can be written.
# Date seen: 2026-11-29
# Output seen:
#   radicale: with its length PUT 201, PROPFIND 207 tells 2 properties
#   radicale: in chunks PUT 400, PROPFIND 207 tells more
#   xandikos: with its length PUT 201, PROPFIND 207 tells 2 properties
#   xandikos: in chunks PUT 201, PROPFIND 207 tells 2 properties
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  radicale==3.9.0 vobject==0.9.9 xandikos==0.4.10 || could_not_install

cat > "$tmp/check.py" <<'PY'
import http.client, pathlib, socket, subprocess, sys, time
import xml.etree.ElementTree as ET

folder = sys.argv[1]
pathlib.Path(folder, "xandikos").mkdir()

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

def ask(port, method, path, body, kind="application/xml", in_chunks=False):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": kind, "Depth": "0"}
    if in_chunks:
        connection.request(method, path, iter([body.encode()]), headers, encode_chunked=True)
    else:
        connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()

make = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"""
two = """<?xml version="1.0"?>
<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getetag/></D:prop></D:propfind>"""
card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "UID:%s", "FN:Ana Roa", "N:Roa;Ana;;;", "END:VCARD", ""])

def run(name, command, home, book):
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", *command(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = []
    try:
        for _ in range(100):
            try:
                ask(port, "OPTIONS", "/", None)
                break
            except OSError:
                time.sleep(0.2)
        if home:
            ask(port, "MKCOL", home, None)
        ask(port, "MKCOL", book, make)
        for in_chunks in (False, True):
            put, _ = ask(port, "PUT", f"{book}{in_chunks}.vcf", card % in_chunks, "text/vcard", in_chunks)
            status, text = ask(port, "PROPFIND", book, two, in_chunks=in_chunks)
            properties = [each for prop in ET.fromstring(text).iter("{DAV:}prop") for each in prop]
            told = "2 properties" if len(properties) == 2 else "more" if len(properties) > 2 else "fewer"
            print(f"{name}: {'in chunks' if in_chunks else 'with its length'} PUT {put}, PROPFIND {status} tells {told}")
            seen.append((put, status, told))
    finally:
        server.terminate()
        server.wait()
    return seen

radicale = run("radicale", lambda port: ["radicale", "--config", "", "--hosts", f"127.0.0.1:{port}",
                                         "--auth-type", "none", "--logging-level", "critical",
                                         "--storage-filesystem-folder", f"{folder}/radicale"],
               "/ana/", "/ana/book/")
xandikos = run("xandikos", lambda port: ["xandikos", "serve", "--defaults", "-d", f"{folder}/xandikos",
                                         "--state-dir", f"{folder}/state", "-l", "127.0.0.1", "-p", str(port)],
               None, "/user/contacts/book/")
whole = (201, 207, "2 properties")
if radicale != [whole, (400, 207, "more")]:
    sys.exit("Changed: Radicale reads a body in chunks otherwise now.")
if xandikos != [whole, whole]:
    sys.exit("Changed: Xandikos no longer takes a body either way.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
