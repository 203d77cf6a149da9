#!/usr/bin/env bash
# Two JavaScript clients for Microsoft Graph send "+" and "&" of a filter's value unescaped, each
# in its own situation.
#
# Versions: @microsoft/microsoft-graph-client 3.0.7, @pnp/graph, @pnp/queryable and @pnp/core
#   4.21.0 (npm).
# Expected: a filter is handed over as text, so the client escapes it. The blanks and quotes in it
#   are escaped, which makes it look done.
# What happens: @microsoft/microsoft-graph-client leaves "+", "&" and "#" as they are in every
#   filter: "&" ends the parameter, "#" ends the whole request, and "+" is read as a blank.
#   @pnp/graph escapes all of it in a plain filter and none of it as soon as the filter contains
#   "/any(...)", the form for proxyAddresses and businessPhones. Escaping beforehand is right for
#   the one and wrong for the other.
# Why it matters: a connector that looks a person up by an address with a "+" is told that there is
#   nobody, and creates a second contact; a department named "R&D" is an error or another filter.
# Date seen: 2026-11-27
# Output seen (the filter as a server reads it from the address):
#   graph-client, plain: department eq 'R
#   graph-client, plain: mail eq 'ana x@contoso.test'
#   pnp, plain:          department eq 'R&D'
#   pnp, plain:          mail eq 'ana+x@contoso.test'
#   pnp, any():          proxyAddresses/any(p:p eq 'smtp:ana x@contoso.test')
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" @microsoft/microsoft-graph-client@3.0.7 \
  @pnp/graph@4.21.0 @pnp/queryable@4.21.0 @pnp/core@4.21.0 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import http from 'node:http';
import { once } from 'node:events';
import { Client } from '@microsoft/microsoft-graph-client';
import { DefaultInit, graphfi } from '@pnp/graph';
import '@pnp/graph/users/index.js';
import { BrowserFetch, DefaultParse } from '@pnp/queryable';

let read;
const server = http.createServer((request, response) => {
  read = new URL(request.url, 'http://graph').searchParams.get('$filter');
  response.setHeader('Content-Type', 'application/json');
  response.end('{"value":[]}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${server.address().port}`;

const client = Client.init({
  baseUrl: root + '/', customHosts: new Set(['127.0.0.1']), authProvider: done => done(null, 'token'),
});
const pnp = graphfi(root + '/v1.0').using(DefaultInit(root + '/v1.0'), BrowserFetch(), DefaultParse());
const ways = {
  'graph-client, plain:': filter => client.api('/users').filter(filter).get(),
  'pnp, plain:         ': filter => pnp.users.filter(filter)(),
  'pnp, any():         ': filter => pnp.users.filter(filter)(),
};
const cases = [
  ['graph-client, plain:', "department eq 'R&D'", "department eq 'R"],
  ['graph-client, plain:', "mail eq 'ana+x@contoso.test'", "mail eq 'ana x@contoso.test'"],
  ['pnp, plain:         ', "department eq 'R&D'", "department eq 'R&D'"],
  ['pnp, plain:         ', "mail eq 'ana+x@contoso.test'", "mail eq 'ana+x@contoso.test'"],
  ['pnp, any():         ', "proxyAddresses/any(p:p eq 'smtp:ana+x@contoso.test')",
    "proxyAddresses/any(p:p eq 'smtp:ana x@contoso.test')"],
];
let changed = 0;
for (const [way, filter, seen] of cases) {
  await ways[way](filter);
  console.log(way, read);
  if (read !== seen) {
    console.error(`Changed: the server was seen to read "${seen}" here.`);
    changed = 1;
  }
}
server.close();
process.exit(changed);
JS
node "$tmp/check.mjs"
