#!/usr/bin/env bash
# Asked for contacts without a property, Xandikos returns those with it as well; asked for fax
# numbers, it returns mobile numbers.
#
# Versions: Xandikos 0.4.10; for comparison Radicale 3.9.0 (PyPI).
# Expected: an addressbook-query of CardDAV (RFC 6352, 10.5) with is-not-defined finds the cards
#   that lack the property; one with a param-filter on TYPE finds cards with a number of that type.
# What happens: Xandikos answers 207 to both, with the two contacts for the first and the mobile
#   number for the second. A search for a property's text works, which hides it. Radicale gives the
#   expected answers to the same requests on the same cards.
# Why it matters: "cards that do not carry our mark yet" is how a connector finds contacts to adopt
#   or to leave alone. Here every contact is among them.
# Date seen: 2026-11-27
# Output seen:
#   xandikos: has the mark ana; lacks the mark ana, bo; has a fax ana; has a mobile ana
#   radicale: has the mark ana; lacks the mark bo; has a fax nobody; has a mobile ana
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  xandikos==0.4.10 radicale==3.9.0 vobject==0.9.9 || could_not_install

cat > "$tmp/check.py" <<'PY'
import http.client, pathlib, socket, subprocess, sys, time

folder = sys.argv[1]
pathlib.Path(folder, "xandikos").mkdir()

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

def ask(port, method, path, body, kind="application/xml"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": kind, "Depth": "1"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()

book = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"""
query = """<?xml version="1.0"?>
<C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
<D:prop><D:getetag/></D:prop><C:filter>%s</C:filter></C:addressbook-query>"""
of_type = ('<C:prop-filter name="TEL"><C:param-filter name="TYPE">'
           '<C:text-match>%s</C:text-match></C:param-filter></C:prop-filter>')
filters = {
    "has the mark": '<C:prop-filter name="X-MARK"><C:text-match>seen</C:text-match></C:prop-filter>',
    "lacks the mark": '<C:prop-filter name="X-MARK"><C:is-not-defined/></C:prop-filter>',
    "has a fax": of_type % "fax",
    "has a mobile": of_type % "cell",
}
people = {"ana": ["X-MARK:seen", "TEL;TYPE=cell:+1 425 555 0109"], "bo": []}

def run(command, path):
    port = free_port()
    server = subprocess.Popen([word.replace("PORT", str(port)) for word in command],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                ask(port, "OPTIONS", "/", None)
                break
            except OSError:
                time.sleep(0.2)
        if path.startswith("/ana/"):
            ask(port, "MKCOL", "/ana/", None)
            ask(port, "MKCOL", path, book)
        for name, more in people.items():
            card = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{name}", f"FN:{name}", f"N:{name};;;;", *more, "END:VCARD", ""]
            status, _ = ask(port, "PUT", f"{path}{name}.vcf", "\r\n".join(card), "text/vcard")
            if status != 201:
                sys.exit(f"The card was not stored ({status}); nothing was checked.")
        found = []
        for title, condition in filters.items():
            status, body = ask(port, "REPORT", path, query % condition)
            names = [name for name in people if f"/{name}.vcf" in body]
            found.append(f"{title} {', '.join(names) or 'nobody'}" if status == 207 else f"{title} {status}")
        return "; ".join(found)
    finally:
        server.terminate()
        server.wait()

xandikos = run([f"{folder}/venv/bin/xandikos", "serve", "-d", f"{folder}/xandikos", "--defaults",
                "-l", "127.0.0.1", "-p", "PORT"], "/user/contacts/addressbook/")
radicale = run([sys.executable, "-m", "radicale", "--config", "", "--hosts", "127.0.0.1:PORT", "--auth-type", "none",
                "--storage-filesystem-folder", f"{folder}/radicale"], "/ana/book/")
print("xandikos:", xandikos)
print("radicale:", radicale)
if xandikos != "has the mark ana; lacks the mark ana, bo; has a fax ana; has a mobile ana":
    sys.exit("Changed: Xandikos answers these queries in another way now.")
if radicale != "has the mark ana; lacks the mark bo; has a fax nobody; has a mobile ana":
    sys.exit("Changed: Radicale answers these queries in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
