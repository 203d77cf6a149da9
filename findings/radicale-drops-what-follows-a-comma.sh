#!/usr/bin/env bash
# Radicale stores a contact without what follows the first comma in some properties, answers
# "created", and hands out an ETag as if the text had been kept.
#
# Versions: Radicale 3.9.0, vobject 0.9.9 (PyPI).
# Expected: a card is stored as it was sent; where a server changes it, it sends no ETag, so that
#   the client reads it again (RFC 6352, 6.3.2.3).
# What happens: of NICKNAME (a list by its definition) only the first name is kept, and an address
#   in URL or X-SOCIALPROFILE ends before its comma, which needs no escaping in a URI. CATEGORIES,
#   also a list, survives. The answer is 201 with an ETag, and a read gives that same ETag.
# Why it matters: a connector that trusts the ETag never reads back what was lost. One that edits a
#   card (read, change a phone number, write) destroys what a person entered in other programs.
# Date seen: 2026-11-27
# Output seen:
#   PUT 201, ETag sent; GET gives the same ETag: True
#   sent CATEGORIES:staff,sales -> stored CATEGORIES:staff,sales
#   sent NICKNAME:Annie,Mia -> stored NICKNAME:Annie
#   sent URL:https://contoso.test/map?at=59.9,10.7 -> stored URL:https://contoso.test/map?at=59.9
#   sent X-SOCIALPROFILE:https://social.test/ana,roa -> stored X-SOCIALPROFILE:https://social.test/ana
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  radicale==3.9.0 vobject==0.9.9 || could_not_install

cat > "$tmp/check.py" <<'PY'
import http.client, socket, subprocess, sys, time

folder = sys.argv[1]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]

def ask(method, path, body=None, kind=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": kind} if kind else {})
    answer = connection.getresponse()
    return answer.status, answer.getheader("ETag"), answer.read().decode()

book = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"""
lines = [
    "CATEGORIES:staff,sales",
    "NICKNAME:Annie,Mia",
    "URL:https://contoso.test/map?at=59.9,10.7",
    "X-SOCIALPROFILE:https://social.test/ana,roa",
]
card = "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", "UID:7", "FN:Ana Roa", "N:Roa;Ana;;;", *lines, "END:VCARD", ""])

server = subprocess.Popen([sys.executable, "-m", "radicale", "--config", "", "--hosts", f"127.0.0.1:{port}",
                           "--auth-type", "none", "--logging-level", "critical",
                           "--storage-filesystem-folder", f"{folder}/store"],
                          stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            ask("OPTIONS", "/")
            break
        except OSError:
            time.sleep(0.2)
    ask("MKCOL", "/ana/")
    ask("MKCOL", "/ana/book/", book, "application/xml")
    status, tag, _ = ask("PUT", "/ana/book/7.vcf", card, "text/vcard")
    _, read_tag, stored = ask("GET", "/ana/book/7.vcf")
finally:
    server.terminate()
    server.wait()

stored = {line.split(":")[0]: line for line in stored.replace("\r\n ", "").split("\r\n")}
print(f"PUT {status}, {'ETag sent' if tag else 'no ETag'}; GET gives the same ETag: {tag == read_tag}")
kept = [stored.get(line.split(":")[0], "nothing") for line in lines]
for sent, got in zip(lines, kept):
    print(f"sent {sent} -> stored {got}")
if kept != [lines[0], *(line.partition(",")[0] for line in lines[1:])]:
    sys.exit("Changed: Radicale keeps other parts of these properties now.")
if status != 201 or not tag or tag != read_tag:
    sys.exit("Changed: Radicale no longer hands out an ETag for a card that it stored in another form.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
