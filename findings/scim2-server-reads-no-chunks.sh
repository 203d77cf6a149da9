#!/usr/bin/env bash
# A SCIM server in Python takes a body that is sent in chunks for an empty one, and says that the JSON
# ends before it begins.
#
# Versions: scim2-server 0.8.3 with scim2-models 0.12.3 (PyPI), as its command starts it; for comparison
#   scimmy 1.3.5 and scimmy-routers 1.3.2 with express 5.3.0 (npm).
# Expected: a server that answers requests of HTTP/1.1 reads a body in chunks: whoever sends one does not
#   know its length beforehand, and every recipient has to understand it (RFC 9112, section 7.1).
# What happens: the server stands on Python's wsgiref. A WSGI application is told the length of the body
#   or nothing (PEP 3333), so it reads nothing: 400, invalidSyntax, "EOF while parsing a value at line 1
#   column 0". The same body with a Content-Length makes the user.
# Why it matters: a WebAssembly component that sends a request through wasi:http sends its body in chunks,
#   unless it states the length itself; so do many HTTP clients that are given a stream. The error is
#   about JSON, and the JSON is right.
# Date seen: 2026-11-29
# Output seen:
#   scim2-server: chunks -> 400 invalidSyntax; length -> 201
#   scimmy: chunks -> 201; length -> 201
set -euo pipefail
tmp=$(mktemp -d)
servers=()
finish() {
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done
  rm -rf "$tmp"
}
trap finish EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  scim2-server==0.8.3 scim2-models==0.12.3 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" \
  scimmy@1.3.5 scimmy-routers@1.3.2 express@5.3.0 >/dev/null || could_not_install

cat > "$tmp/scimmy.mjs" <<'JS'
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

let number = 0;
SCIMMY.Resources.declare(SCIMMY.Resources.User).ingress((_, data) => ({ ...data, id: String(++number) }));
express().use('/scim', new SCIMMYRouters({ type: 'bearer', handler: () => {} })).listen(Number(process.argv[2]), '127.0.0.1');
JS

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
python_port=$(free_port)
"$tmp/venv/bin/scim2-server" --port "$python_port" >"$tmp/scim2.log" 2>&1 &
servers+=($!)
node_port=$(free_port)
node "$tmp/scimmy.mjs" "$node_port" >"$tmp/scimmy.log" 2>&1 &
servers+=($!)

python3 - "http://127.0.0.1:$python_port/v2" "http://127.0.0.1:$node_port/scim" <<'PY'
import http.client, json, sys, time, urllib.parse

USER = "urn:ietf:params:scim:schemas:core:2.0:User"

def post(root, number, chunked):
    address = urllib.parse.urlsplit(root)
    body = json.dumps({"schemas": [USER], "userName": f"user-{number}"}).encode()
    connection = http.client.HTTPConnection(address.hostname, address.port)
    headers = {"Content-Type": "application/scim+json"}
    if chunked:
        connection.request("POST", f"{address.path}/Users", iter([body]), headers, encode_chunked=True)
    else:
        connection.request("POST", f"{address.path}/Users", body, headers)
    answer = connection.getresponse()
    told = json.loads(answer.read()).get("scimType")
    return " ".join(str(word) for word in (answer.status, told) if word)

def ready(root):
    address = urllib.parse.urlsplit(root)
    for _ in range(200):
        try:
            http.client.HTTPConnection(address.hostname, address.port).connect()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("A server did not start; nothing was checked.")

seen = {}
for name, root in zip(("scim2-server", "scimmy"), sys.argv[1:]):
    ready(root)
    seen[name] = f"chunks -> {post(root, 1, True)}; length -> {post(root, 2, False)}"
    print(f"{name}: {seen[name]}")
if seen != {
    "scim2-server": "chunks -> 400 invalidSyntax; length -> 201",
    "scimmy": "chunks -> 201; length -> 201",
}:
    sys.exit("Changed: one of the servers answers otherwise now.")
PY
