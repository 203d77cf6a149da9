#!/usr/bin/env bash
# The Python batch client for Microsoft Graph returns status codes and headers, but no bodies.
#
# Versions: msgraph-sdk 1.65.0, msgraph-core 1.5.2, microsoft-kiota-serialization-json 1.16.0,
#   Deprecated 1.3.1 (PyPI; the last is installed by hand, since msgraph-core imports it and does
#   not ask for it).
# Expected: Graph puts each JSON answer into the batch answer as a JSON object, and
#   get_response_by_id() gives it back, raw or as a model.
# What happens: the reader of "body" accepts base64 text only. A JSON object becomes None without a
#   word, and asking for a model raises a ValueError about deserializing. Only an answer that is
#   already base64 text arrives.
# Why it matters: a connector that reads managers or photos in batches sees 200 for all of them and
#   could take "no body" for "no manager".
# Date seen: 2026-11-27
# Output seen:
#   1: status 200, body None, as a user: ValueError
#   2: status 200, body 13 bytes
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
import asyncio, base64, json, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from msgraph import GraphServiceClient
from msgraph.generated.models.user import User
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

class Graph(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        person = {"@odata.type": "#microsoft.graph.user", "id": "7", "displayName": "Ana Roa"}
        answers = [
            {"id": "1", "status": 200, "headers": {"Content-Type": "application/json"}, "body": person},
            {"id": "2", "status": 200, "headers": {"Content-Type": "image/jpeg"},
             "body": base64.b64encode(b"not a picture").decode()},
        ]
        body = json.dumps({"responses": answers}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = ThreadingHTTPServer(("127.0.0.1", 0), Graph)
threading.Thread(target=server.serve_forever, daemon=True).start()

async def batch():
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = f"http://127.0.0.1:{server.server_port}/v1.0"
    graph = GraphServiceClient(request_adapter=adapter)
    content = BatchRequestContent()
    for number in "12":
        request = graph.users.by_user_id(number).to_get_request_information()
        request.path_parameters["baseurl"] = adapter.base_url
        content.add_request(number, BatchRequestItem(request, id=number))
    return await graph.batch.post(content)

answer = asyncio.run(batch())
one, two = answer.get_response_by_id("1"), answer.get_response_by_id("2")
try:
    model = type(answer.get_response_by_id("1", User)).__name__
except ValueError as error:
    model = type(error).__name__
print(f"1: status {one.status}, body {one.body}, as a user: {model}")
print(f"2: status {two.status}, body {len(two.body)} bytes")
if one.body is not None or model != "ValueError":
    sys.exit("Changed: the body of a JSON answer in a batch is no longer lost.")
if (one.status, len(two.body)) != (200, 13):
    sys.exit("Changed: the rest of a batch answer is read in another way now.")
PY
