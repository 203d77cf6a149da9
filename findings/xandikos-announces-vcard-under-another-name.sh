#!/usr/bin/env bash
# Asked which versions of vCard it takes, Xandikos answers in an element that CardDAV does not have, so whoever reads
# the answer as the standard has it finds that it takes none.
#
# Versions: Xandikos 0.4.10; for comparison Radicale 3.9.0 (PyPI).
# Expected: the property supported-address-data holds address-data-type elements, one for each kind of
#   address data, with the attributes content-type and version (RFC 6352, 6.2.2 and 10.4).
# What happens: Xandikos names the element content-type, like its attribute. Radicale names it as the
#   standard does. Both take the same card of version 3.0.
# Why it matters: a client that chooses the version to write by this property has nothing to choose
#   from here, or falls back on one that is not announced. The attributes are right, so reading these of any child
#   element works with both.
# Date seen: 2026-11-29
# Output seen:
#   xandikos: PROPFIND 207, elements content-type, attributes content-type=text/vcard version=3.0
#   xandikos: PUT of a card of version 3.0: 201
#   radicale: PROPFIND 207, elements address-data-type, attributes content-type=text/vcard version=3.0
#   radicale: PUT of a card of version 3.0: 201
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  xandikos==0.4.10 radicale==3.9.0 vobject==0.9.9 || could_not_install

cat > "$tmp/check.py" <<'PY'
import http.client, pathlib, socket, subprocess, sys, time
import xml.etree.ElementTree as ET

folder = sys.argv[1]
pathlib.Path(folder, "xandikos").mkdir()
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

def ask(port, method, path, body, kind="application/xml"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": kind, "Depth": "0"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()

make = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"""
which = """<?xml version="1.0"?>
<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop>
<C:supported-address-data/></D:prop></D:propfind>"""
card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "UID:7", "FN:Ana Roa", "N:Roa;Ana;;;", "END:VCARD", ""])

def run(name, command, home, book):
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", *command(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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
        status, text = ask(port, "PROPFIND", book, which)
        kinds = list(ET.fromstring(text).find(f".//{CARDDAV}supported-address-data"))
        put, _ = ask(port, "PUT", book + "7.vcf", card, "text/vcard")
    finally:
        server.terminate()
        server.wait()
    names = [kind.tag.removeprefix(CARDDAV) for kind in kinds]
    attributes = [f"content-type={kind.get('content-type')} version={kind.get('version')}" for kind in kinds]
    print(f"{name}: PROPFIND {status}, elements {', '.join(names)}, attributes {', '.join(attributes)}")
    print(f"{name}: PUT of a card of version 3.0: {put}")
    if put != 201 or attributes != ["content-type=text/vcard version=3.0"]:
        sys.exit(f"Changed: {name} announces something else, or no longer takes the card.")
    return names

xandikos = run("xandikos", lambda port: ["xandikos", "serve", "--defaults", "-d", f"{folder}/xandikos",
                                         "--state-dir", f"{folder}/state", "-l", "127.0.0.1", "-p", str(port)],
               None, "/user/contacts/book/")
radicale = run("radicale", lambda port: ["radicale", "--config", "", "--hosts", f"127.0.0.1:{port}",
                                         "--auth-type", "none", "--logging-level", "critical",
                                         "--storage-filesystem-folder", f"{folder}/radicale"],
               "/ana/", "/ana/book/")
if radicale != ["address-data-type"]:
    sys.exit("Changed: Radicale names the element otherwise now.")
if xandikos != ["content-type"]:
    sys.exit("Changed: Xandikos names the element as the standard does.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
