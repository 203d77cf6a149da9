#!/usr/bin/env bash
# The Python batch client for Microsoft Graph accepts "this request after that one" and sends it
# under a name that Graph does not know.
#
# Versions: msgraph-sdk 1.65.0, msgraph-core 1.5.2, microsoft-kiota-serialization-json 1.16.0,
#   Deprecated 1.3.1 (PyPI; the last is installed by hand, since msgraph-core imports it and does
#   not ask for it).
# Expected: depends_on=[first] is written as "dependsOn": ["1"], the property of Graph's batch
#   format, and the address of a part is relative to the service root: "/users/7".
# What happens: the property on the wire is "depends_on", and each part carries an absolute address
#   with scheme and host. BatchRequestItem.set_url() would shorten it; the constructor does not
#   call it.
# Why it matters: parts of a batch without dependsOn may run in any order and side by side. A
#   connector that writes "create, then add to the list" in this way relies on an order it never
#   asked for.
# Date seen: 2026-11-27
# Output seen:
#   properties of the second part: depends_on, headers, id, method, url
#   depends_on is ['1'], dependsOn is absent
#   the address starts with the service's own scheme and host: True
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msgraph-sdk==1.65.0 msgraph-core==1.5.2 microsoft-kiota-abstractions==1.16.0 \
  microsoft-kiota-http==1.16.0 microsoft-kiota-serialization-json==1.16.0 \
  Deprecated==1.3.1 || could_not_install

"$tmp/venv/bin/python" - <<'PY'
import asyncio, json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

sent = []

class Graph(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        sent.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["requests"])
        body = b'{"responses": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = ThreadingHTTPServer(("127.0.0.1", 0), Graph)
root = f"http://127.0.0.1:{server.server_port}/v1.0"
threading.Thread(target=server.serve_forever, daemon=True).start()

async def batch():
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = root
    graph = GraphServiceClient(request_adapter=adapter)
    requests = []
    for person in ("7", "8"):
        request = graph.users.by_user_id(person).to_get_request_information()
        request.path_parameters["baseurl"] = root
        requests.append(request)
    first = BatchRequestItem(requests[0], id="1")
    second = BatchRequestItem(requests[1], id="2", depends_on=[first])
    await graph.batch.post(BatchRequestContent({"1": first, "2": second}))

asyncio.run(batch())
second = sent[1]
absolute = second["url"].startswith(root)
print("properties of the second part:", ", ".join(sorted(second)))
print(f"depends_on is {second.get('depends_on')}, dependsOn is {second.get('dependsOn', 'absent')}")
print("the address starts with the service's own scheme and host:", absolute)
if "dependsOn" in second or second.get("depends_on") != ["1"]:
    sys.exit("Changed: the order of a batch is written in another way now.")
if not absolute:
    sys.exit("Changed: the parts of a batch no longer carry absolute addresses.")
PY
