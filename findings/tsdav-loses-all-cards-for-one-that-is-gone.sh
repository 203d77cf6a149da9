#!/usr/bin/env bash
# Asked for ten cards of which one has been deleted, tsdav gives none and reports the whole query as
# not found.
#
# Versions: tsdav 2.3.4 (npm) against Radicale 3.9.0 and Xandikos 0.4.10 (PyPI).
# Expected: an addressbook-multiget of CardDAV answers 207 with one status a card (RFC 6352, 8.7):
#   cards that are there with their data, and 404 beside the address of one that is not. A client
#   gives the first and leaves out, or names, the second.
# What happens: fetchVCards and addressBookMultiGet throw as soon as any status inside the answer is
#   400 or more: "Collection query failed: 404 Not Found", without the address of the card that is
#   missing. The nine cards that had arrived are lost.
# Why it matters: a connector reads the cards that it wrote before it changes them. One contact that
#   a person has deleted stops the reading of the whole batch, and 404 looks as if the address book
#   were gone.
# Date seen: 2026-11-28
# Output seen (the same from both servers):
#   the server's answer: 207, 9 cards, 1 time 404
#   fetchVCards, ten cards: Error: Collection query failed: 404 Not Found.
#   fetchVCards, the nine that are left: 9 cards
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  radicale==3.9.0 vobject==0.9.9 xandikos==0.4.10 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" tsdav@2.3.4 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { createVCard, deleteVCard, fetchVCards } from 'tsdav';

const url = process.argv[2];
const addressBook = { url };
const names = Array.from({ length: 10 }, (_, number) => `person-${number}.vcf`);
for (const filename of names) {
  const vCardString = ['BEGIN:VCARD', 'VERSION:3.0', `UID:${filename}`, 'FN:Ana Roa', 'N:Roa;Ana;;;',
    'END:VCARD', ''].join('\r\n');
  const { status } = await createVCard({ addressBook, filename, vCardString });
  if (status !== 201) throw new Error(`a card was not stored: ${status}`);
}
await deleteVCard({ vCard: { url: `${url}person-4.vcf` } });
const paths = names.map(name => new URL(name, url).pathname);

const answer = await fetch(url, {
  method: 'REPORT',
  headers: { 'Content-Type': 'application/xml', Depth: '1' },
  body: `<C:addressbook-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/>
    <C:address-data/></D:prop>${paths.map(path => `<D:href>${path}</D:href>`).join('')}</C:addressbook-multiget>`,
});
const text = await answer.text();
const read = async objectUrls => {
  try {
    return `${(await fetchVCards({ addressBook, objectUrls })).length} cards`;
  } catch (error) {
    return `${error.name}: ${error.message.split(' Raw')[0]}`;
  }
};
const [cards, gone] = ['BEGIN:VCARD', 'HTTP/1.1 404'].map(word => text.split(word).length - 1);
console.log(`the server's answer: ${answer.status}, ${cards} cards, ${gone} time 404`);
console.log(`fetchVCards, ten cards: ${await read(paths)}`);
const left = paths.filter(path => !path.endsWith('/person-4.vcf'));
console.log(`fetchVCards, the nine that are left: ${await read(left)}`);
JS

cat > "$tmp/check.py" <<'PY'
import http.client, pathlib, socket, subprocess, sys, time

folder = sys.argv[1]
pathlib.Path(folder, "xandikos").mkdir()
book = """<?xml version="1.0"?>
<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:set><D:prop>
<D:resourcetype><D:collection/><C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"""

def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"Content-Type": "application/xml"})
    connection.getresponse().read()

def run(command, path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([word.replace("PORT", str(port)) for word in command],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                ask(port, "OPTIONS", "/")
                break
            except OSError:
                time.sleep(0.2)
        if path.startswith("/ana/"):
            ask(port, "MKCOL", "/ana/")
            ask(port, "MKCOL", path, book)
        client = ["node", f"{folder}/check.mjs", f"http://127.0.0.1:{port}{path}"]
        return subprocess.run(client, check=True, capture_output=True, text=True).stdout.strip()
    finally:
        server.terminate()
        server.wait()

seen = {
    "Radicale": run([sys.executable, "-m", "radicale", "--config", "", "--hosts", "127.0.0.1:PORT",
                     "--auth-type", "none", "--storage-filesystem-folder", f"{folder}/radicale"], "/ana/book/"),
    "Xandikos": run([f"{folder}/venv/bin/xandikos", "serve", "-d", f"{folder}/xandikos", "--defaults",
                     "-l", "127.0.0.1", "-p", "PORT"], "/user/contacts/addressbook/"),
}
for server, lines in seen.items():
    print(f"{server}:\n{lines}")
expected = """the server's answer: 207, 9 cards, 1 time 404
fetchVCards, ten cards: Error: Collection query failed: 404 Not Found.
fetchVCards, the nine that are left: 9 cards"""
if any(lines != expected for lines in seen.values()):
    sys.exit("Changed: cards that are gone are answered, or read, in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
