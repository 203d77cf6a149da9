#!/usr/bin/env bash
# The Python page iterator for Microsoft Graph ends the walk at the first page without people,
# although that page names a next one.
#
# Versions: msgraph-sdk 1.65.0, msgraph-core 1.5.2, microsoft-kiota-http and
#   microsoft-kiota-serialization-json 1.16.0 (PyPI); for comparison
#   @microsoft/microsoft-graph-client 3.0.7 (npm).
# Expected: a walk goes on for as long as an answer carries @odata.nextLink. Graph says that a
#   delta or filtered page may be empty and still have a successor.
# What happens: PageIterator.iterate() returns at the empty page. No error, no warning; the people
#   on the page after it are not seen, and that page is never asked for. The JavaScript client, given the
#   same three pages, sees all three people.
# Why it matters: a directory connector that compares "everybody seen" with its contacts would take
#   the unseen people for leavers.
# Date seen: 2026-11-27
# Output seen:
#   python:     people a, b; pages asked for: 1, 2
#   javascript: people a, b, c; pages asked for: 1, 2, 3
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msgraph-sdk==1.65.0 msgraph-core==1.5.2 microsoft-kiota-abstractions==1.16.0 \
  microsoft-kiota-http==1.16.0 microsoft-kiota-serialization-json==1.16.0 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" \
  @microsoft/microsoft-graph-client@3.0.7 >/dev/null || could_not_install

cat > "$tmp/walk.mjs" <<'JS'
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
const client = Client.init({
  baseUrl: process.argv[2] + '/',
  customHosts: new Set(['127.0.0.1']),
  authProvider: done => done(null, 'token'),
});
const people = [];
const first = await client.api('/users/delta').get();
await new PageIterator(client, first, person => { people.push(person.id); return true; }).iterate();
console.log(people.join(', '));
JS

cat > "$tmp/check.py" <<'PY'
import asyncio, json, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core.tasks.page_iterator import PageIterator

asked = []

class Graph(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        page = 3 if "page3" in self.path else 2 if "page2" in self.path else 1
        asked.append(page)
        link = f"{root}/users/delta()?$skiptoken=page"
        answer = {
            1: {"value": [{"id": "a"}, {"id": "b"}], "@odata.nextLink": link + "2"},
            2: {"value": [], "@odata.nextLink": link + "3"},
            3: {"value": [{"id": "c"}], "@odata.deltaLink": f"{root}/users/delta()?$deltatoken=z"},
        }[page]
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = ThreadingHTTPServer(("127.0.0.1", 0), Graph)
root = f"http://127.0.0.1:{server.server_port}/v1.0"
threading.Thread(target=server.serve_forever, daemon=True).start()

async def walk():
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = root
    first = await GraphServiceClient(request_adapter=adapter).users.delta.get()
    people = []
    await PageIterator(first, adapter).iterate(lambda person: people.append(person.id) or True)
    return people

def show(who, people):
    pages = ", ".join(map(str, asked))
    print(f"{who} people {people}; pages asked for: {pages}")
    asked.clear()
    return pages

people = ", ".join(asyncio.run(walk()))
pages = show("python:    ", people)
other = subprocess.run(["node", sys.argv[1], root.removesuffix("/v1.0")],
                       check=True, capture_output=True, text=True).stdout.strip()
other_pages = show("javascript:", other)
if (people, pages) != ("a, b", "1, 2"):
    sys.exit("Changed: the Python page iterator no longer stops at an empty page.")
if (other, other_pages) != ("a, b, c", "1, 2, 3"):
    sys.exit("Changed: the JavaScript page iterator no longer walks all three pages.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp/walk.mjs"
