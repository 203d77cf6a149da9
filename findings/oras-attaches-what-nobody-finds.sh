#!/usr/bin/env bash
# A bill of materials attached with oras for Python is stored by an older registry and found by
# nobody: oras leaves out the list that such a registry needs.
#
# Versions: oras 0.2.43 (PyPI); for comparison @sigstore/oci 0.7.2 (npm).
# Expected: push(subject=...) attaches. A registry that does not answer with OCI-Subject has no list
#   of what is attached; the distribution specification (1.1, "Pushing manifests with subject") then
#   obliges the client to keep one, an index under the tag sha256-..., which readers look for.
# What happens: oras pushes the manifest with its subject, does not look at the answer, and is
#   content with 201. @sigstore/oci, against the same registry, asks, sees that there is no list, and
#   writes it, with its own attachment alone. Against a registry with the interface both are found.
# Why it matters: Distribution 2.8, which Debian 12 ships, is such a registry. The release of a component
#   looks complete there, and the host that checks for its bill of materials is told that there is none.
# Date seen: 2026-11-28
# Output seen:
#   older registry, oras: status 201; found: nothing
#   older registry, @sigstore/oci: attached; found: application/vnd.example.signature+json
#   registry with the interface, oras: status 201; found: application/vnd.example.sbom+json
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check oras==0.2.43 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" @sigstore/oci@0.7.2 >/dev/null || could_not_install

cat > "$tmp/attach.cjs" <<'JS'
const { attachArtifactToImage } = require('@sigstore/oci');
const [imageName, imageDigest] = process.argv.slice(2);
attachArtifactToImage({
  imageName, imageDigest, artifact: Buffer.from('{}'), mediaType: 'application/vnd.example.signature+json',
  credentials: { username: 'release', password: 'made up' },
}).then(() => console.log('attached'));
JS

cat > "$tmp/check.py" <<'PY'
import hashlib, http.client, json, os, re, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
import oras.client, oras.oci

os.chdir(sys.argv[1])
index_type = "application/vnd.oci.image.index.v1+json"

def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()

class Registry(BaseHTTPRequestHandler):
    """As much of the distribution specification as a push and a look need."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def handle_any(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        state = self.server
        if self.command in ("POST", "PUT") and not self.headers["Authorization"]:
            return self.answer(401, WWW_Authenticate='Basic realm="release"')
        if self.command == "POST":
            return self.answer(202, Location=path + "session")
        if "/blobs/uploads/" in path:
            name = parse_qs(urlsplit(self.path).query)["digest"][0]
            state.blobs[name] = content
            return self.answer(201, Location=f"/v2/acme/connector/blobs/{name}")
        kind, name = re.fullmatch(r"/v2/acme/connector/(blobs|manifests|referrers)/(.+)", path).groups()
        if kind == "blobs":
            return self.answer(200, state.blobs[name]) if name in state.blobs else self.answer(404)
        if kind == "referrers" and state.lists_attachments:
            found = [{"digest": digest(body), "artifactType": json.loads(body)["layers"][0]["mediaType"]}
                     for body in dict.fromkeys(body for _, body in state.manifests.values())
                     if json.loads(body).get("subject", {}).get("digest") == name]
            body = json.dumps({"schemaVersion": 2, "mediaType": index_type, "manifests": found}).encode()
            return self.answer(200, body, Content_Type=index_type)
        if kind == "manifests" and self.command == "PUT":
            state.manifests[name] = state.manifests[digest(content)] = (self.headers["Content-Type"], content)
            subject = json.loads(content).get("subject")
            more = {"OCI_Subject": subject["digest"]} if subject and state.lists_attachments else {}
            return self.answer(201, Location=path, Docker_Content_Digest=digest(content), **more)
        if kind == "manifests" and name in state.manifests:
            media_type, body = state.manifests[name]
            return self.answer(200, body, Content_Type=media_type, Docker_Content_Digest=digest(body))
        self.answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = handle_any

def attached(port, name):
    """What a reader finds: by the interface, else by the tag that takes its place."""
    for place in (f"referrers/{name}", f"manifests/{name.replace(':', '-')}"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", f"/v2/acme/connector/{place}", headers={"Accept": index_type})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 200:
            return ", ".join(entry["artifactType"] for entry in json.loads(body)["manifests"]) or "nothing"
    return "nothing"

def attempt(lists_attachments, attach):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.blobs, server.manifests, server.lists_attachments = {}, {}, lists_attachments
    threading.Thread(target=server.serve_forever, daemon=True).start()
    repository = f"127.0.0.1:{server.server_port}/acme/connector"
    client = oras.client.OrasClient(insecure=True, auth_backend="basic")
    client.auth.set_basic_auth("release", "made up")
    client.push(target=f"{repository}:1.0.0", files=["connector.wasm:application/wasm"], quiet=True)
    media_type, body = server.manifests["1.0.0"]
    said = attach(client, repository, oras.oci.Subject(media_type, digest(body), len(body)))
    return f"{said}; found: {attached(server.server_port, digest(body))}"

def with_oras(client, repository, subject):
    files = ["sbom.json:application/vnd.example.sbom+json"]
    answer = client.push(target=f"{repository}:sbom", files=files, subject=subject, quiet=True)
    return f"status {answer.status_code}"

def with_sigstore(client, repository, subject):
    attach = ["node", "attach.cjs", repository, subject.digest]
    return subprocess.run(attach, check=True, capture_output=True, text=True).stdout.strip()

with open("connector.wasm", "wb") as component, open("sbom.json", "w") as sbom:
    component.write(b"\0asm\x0d\0\1\0")
    sbom.write("{}")
seen = {
    "older registry, oras:": attempt(False, with_oras),
    "older registry, @sigstore/oci:": attempt(False, with_sigstore),
    "registry with the interface, oras:": attempt(True, with_oras),
}
for what, happened in seen.items():
    print(what, happened)
if list(seen.values()) != ["status 201; found: nothing",
                           "attached; found: application/vnd.example.signature+json",
                           "status 201; found: application/vnd.example.sbom+json"]:
    sys.exit("Changed: one of the two attaches in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp"
