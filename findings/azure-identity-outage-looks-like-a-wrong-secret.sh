#!/usr/bin/env bash
# For @azure/identity a sign-in service that is down and a wrong client secret are one error, and
# its name asks for a person who signs in.
#
# Versions: @azure/identity 4.13.1 with @azure/msal-node 5.6.0 and @azure/core-rest-pipeline 1.24.0
#   (npm).
# Expected: a refused secret is an AuthenticationError, the class that has statusCode and
#   errorResponse for this; an outage can be told from it, so that one is tried again and the other
#   is not. AuthenticationRequiredError is for a token that cannot be had without a user, and a
#   daemon with a client secret has none.
# What happens: 401 invalid_client, 400 unauthorized_client and 503 temporarily_unavailable all
#   surface as AuthenticationRequiredError without a status; the difference is in the prose.
# Why it matters: a connector that stops and calls the administrator for a bad secret does so for
#   each outage, and one that waits for an outage to pass waits for ever on an expired secret.
# Date seen: 2026-11-27
# Output seen:
#   401 invalid_client -> AuthenticationRequiredError, status undefined
#   400 unauthorized_client -> AuthenticationRequiredError, status undefined
#   503 temporarily_unavailable -> AuthenticationRequiredError, status undefined
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" \
  @azure/identity@4.13.1 @azure/msal-node@5.6.0 @azure/core-rest-pipeline@1.24.0 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';

const tenant = '00000000-aaaa-4111-8bbb-222222222222';
const authority = 'https://login.contoso.test';
// Stands in for the network: the discovery document, then the given answer to each token request.
const service = (status, error) => ({
  async sendRequest(request) {
    const discovery = request.url.includes('openid-configuration');
    const body = discovery
      ? { issuer: `${authority}/${tenant}/v2.0`, token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
          authorization_endpoint: `${authority}/${tenant}/oauth2/v2.0/authorize`, jwks_uri: `${authority}/keys` }
      : { error, error_description: 'made up for this check' };
    return { request, status: discovery ? 200 : status, bodyAsText: JSON.stringify(body),
      headers: createHttpHeaders({ 'Content-Type': 'application/json' }) };
  },
});

let changed = 0;
for (const [status, error] of [[401, 'invalid_client'], [400, 'unauthorized_client'], [503, 'temporarily_unavailable']]) {
  const credential = new ClientSecretCredential(tenant, 'application', 'secret', {
    authorityHost: authority, disableInstanceDiscovery: true, httpClient: service(status, error),
    retryOptions: { maxRetries: 1, retryDelayInMs: 1 },
  });
  let seen = 'a token';
  try {
    await credential.getToken('https://graph.microsoft.com/.default');
  } catch (raised) {
    seen = `${raised.name}, status ${raised.statusCode}`;
  }
  console.log(`${status} ${error} -> ${seen}`);
  if (seen !== 'AuthenticationRequiredError, status undefined') changed = 1;
}
if (changed) console.error('Changed: @azure/identity now tells these failures apart.');
process.exit(changed);
JS
node "$tmp/check.mjs"
