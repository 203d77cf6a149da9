#!/usr/bin/env bash
# After "this application is unknown here" MSAL for Python gives that answer for a minute without
# asking again; consent that was granted meanwhile does not help.
#
# Versions: msal 1.39.0, azure-identity 1.27.0 (PyPI).
# Expected: only tokens are kept. A failed request for one is made again by the next call, as it is
#   after a refused secret.
# What happens: each answer with status 400 is kept for 60 seconds and given again, its trace id and
#   timestamp included; unauthorized_client, which a tenant without consent gives, is one of them.
#   The 401 of a refused secret is not kept. azure-identity stands on MSAL and does the same, with
#   its own retries switched on or off. Only a new application or credential object asks anew.
# Why it matters: a set-up page with a "try again" button tells an administrator who has just given
#   consent that it is missing, and a loop that waits for consent to spread polls its own memory.
# Date seen: 2026-11-28
# Output seen (what each call gave, and how many requests the sign-in service had received):
#   msal, 400:           unauthorized_client (1), after consent unauthorized_client (1), new object a token (2)
#   msal, 401:           invalid_client (1), after the repair a token (2), new object a token (3)
#   azure-identity, 400: ClientAuthenticationError (1), after consent ClientAuthenticationError (1), new object a token (2)
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msal==1.39.0 azure-identity==1.27.0 || could_not_install

cat > "$tmp/check.py" <<'PY'
import json, logging, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientSecretCredential
import msal, requests

logging.disable(logging.CRITICAL)
tenant = "00000000-aaaa-4111-8bbb-222222222222"
authority = "https://login.contoso.test"
scope = "https://graph.microsoft.com/.default"
requests_received = 0
answer = None

class SignIn(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        at = f"{authority}/{tenant}"
        self.reply(200, {"issuer": f"{at}/v2.0", "token_endpoint": f"{at}/oauth2/v2.0/token",
                         "authorization_endpoint": f"{at}/oauth2/v2.0/authorize"})

    def do_POST(self):
        global requests_received
        requests_received += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(*answer)

server = ThreadingHTTPServer(("127.0.0.1", 0), SignIn)
here = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()

class Session(requests.Session):
    """Sends what is for the made-up authority to the server above."""
    def request(self, method, url, **more):
        return super().request(method, url.replace(authority, here), **more)

class Transport(RequestsTransport):
    def send(self, request, **more):
        request.url = request.url.replace(authority, here)
        return super().send(request, **more)

def with_msal():
    application = msal.ConfidentialClientApplication(
        "application", client_credential="secret", authority=f"{authority}/{tenant}",
        instance_discovery=False, http_client=Session())
    def ask():
        result = application.acquire_token_for_client([scope])
        return "a token" if "access_token" in result else result["error"]
    return ask

def with_azure_identity():
    credential = ClientSecretCredential(tenant, "application", "secret", authority=authority,
                                        disable_instance_discovery=True, transport=Transport())
    def ask():
        try:
            return "a token" if credential.get_token(scope).token else "nothing"
        except ClientAuthenticationError as error:
            return type(error).__name__
    return ask

granted = (200, {"token_type": "Bearer", "expires_in": 3599, "access_token": "made up"})

def story(make, refusal, then):
    global answer, requests_received
    requests_received, answer = 0, refusal
    ask = make()
    first = f"{ask()} ({requests_received})"
    answer = granted
    second = f"{ask()} ({requests_received})"
    return f"{first}, {then} {second}, new object {make()()} ({requests_received})"

no_consent = (400, {"error": "unauthorized_client", "error_description": "AADSTS700016: made up"})
bad_secret = (401, {"error": "invalid_client", "error_description": "AADSTS7000215: made up"})
seen = {
    "msal, 400:          ": story(with_msal, no_consent, "after consent"),
    "msal, 401:          ": story(with_msal, bad_secret, "after the repair"),
    "azure-identity, 400:": story(with_azure_identity, no_consent, "after consent"),
}
for what, happened in seen.items():
    print(what, happened)
if list(seen.values()) != [
    "unauthorized_client (1), after consent unauthorized_client (1), new object a token (2)",
    "invalid_client (1), after the repair a token (2), new object a token (3)",
    "ClientAuthenticationError (1), after consent ClientAuthenticationError (1), new object a token (2)",
]:
    sys.exit("Changed: a refusal is remembered, or asked about again, in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py"
