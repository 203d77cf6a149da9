#!/usr/bin/env bash
# A token endpoint built with Authlib refuses MSAL for Python where it signs in with a certificate,
# and says "Invalid JWT assertion" of an assertion that is valid.
#
# Versions: msal 1.39.0, Authlib 1.9.10, joserfc 1.8.0; for comparison PyJWT 2.15.1 (PyPI).
# Expected: client assertions are a standard (RFC 7523), and each side has a class for its half of
#   it. MSAL is given the private key and the certificate, and makes PS256 with the SHA-256 thumbprint.
# What happens: MSAL also writes the whole certificate into the assertion's header (x5c), which makes
#   more than 1300 characters of a small one. joserfc, on which Authlib stands, reads no header of
#   more than 512. The reason stays in the cause of the error; what is told is invalid_client. Given
#   the SHA-1 thumbprint instead, the same application gets in. PyJWT verifies both.
# Why it matters: who tests the sign-in of a directory connector against a server of their own looks
#   for the mistake in key, audience and clock, and finds none there.
# Date seen: 2026-11-28
# Output seen:
#   certificate: header longer than 512: True; Authlib: invalid_client, Invalid JWT assertion. (ExceededSizeError); PyJWT: verified
#   thumbprint:  header longer than 512: False; Authlib: signed in; PyJWT: verified
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  msal==1.39.0 authlib==1.9.10 joserfc==1.8.0 pyjwt==2.15.1 || could_not_install

"$tmp/venv/bin/python" -W ignore - <<'PY'
import datetime, json, sys
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
import jwt, msal

tenant = "https://login.contoso.test/tenant"
token_endpoint = f"{tenant}/oauth2/v2.0/token"

key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "connector")])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
               .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
               .sign(key, hashes.SHA256()))
private_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption()).decode()
public_key = key.public_key().public_bytes(serialization.Encoding.PEM,
                                           serialization.PublicFormat.SubjectPublicKeyInfo)

class Answer:
    status_code, headers = 200, {}

    def __init__(self, content):
        self.text = json.dumps(content)

class Network:
    """Answers MSAL and keeps the form that it posts."""
    def get(self, url, **_):
        return Answer({"issuer": f"{tenant}/v2.0", "token_endpoint": token_endpoint,
                       "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize"})

    def post(self, url, data=None, **_):
        self.form = {name: value.decode() if isinstance(value, bytes) else value for name, value in data.items()}
        return Answer({"token_type": "Bearer", "expires_in": 3599, "access_token": "made up"})

    def close(self):
        pass

class Client:
    def check_endpoint_auth_method(self, method, endpoint):
        return True

class Endpoint(JWTBearerClientAssertion):
    def get_audiences(self):
        return [token_endpoint]

    def validate_jti(self, claims, jti):
        return True

    def resolve_client_public_key(self, client):
        return RSAKey.import_key(public_key)

def attempt(credential):
    network = Network()
    msal.ConfidentialClientApplication(
        "connector", client_credential={"private_key": private_key, **credential}, authority=tenant,
        instance_discovery=False, http_client=network,
    ).acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assertion = network.form["client_assertion"]
    request = type("Request", (), {"form": network.form})()
    try:
        Endpoint()(lambda client_id: Client(), request)
        said = "signed in"
    except InvalidClientError as error:
        said = f"{error.error}, {error.description} ({type(error.__cause__).__name__})"
    jwt.decode(assertion, key.public_key(), algorithms=["PS256", "RS256"], audience=token_endpoint)
    return f"header longer than 512: {len(assertion.split('.')[0]) > 512}; Authlib: {said}; PyJWT: verified"

pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
with_certificate = attempt({"public_certificate": pem})
with_thumbprint = attempt({"thumbprint": certificate.fingerprint(hashes.SHA1()).hex()})
print("certificate:", with_certificate)
print("thumbprint: ", with_thumbprint)
if with_certificate != ("header longer than 512: True; Authlib: invalid_client, "
                        "Invalid JWT assertion. (ExceededSizeError); PyJWT: verified"):
    sys.exit("Changed: an assertion with a certificate is made, or taken, in another way now.")
if with_thumbprint != "header longer than 512: False; Authlib: signed in; PyJWT: verified":
    sys.exit("Changed: an assertion with a thumbprint is made, or taken, in another way now.")
PY
