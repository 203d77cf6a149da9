#!/usr/bin/env bash
# count() of @pnp/graph answers 0 whatever Microsoft Graph says.
#
# Versions: @pnp/graph, @pnp/queryable and @pnp/core 4.21.0 (npm).
# Expected: users.count() asks with $count=true and ConsistencyLevel: eventual, which it does, and
#   gives the number in @odata.count.
# What happens: the number is in the answer and is thrown away. count() reads the page through
#   Paged() without telling it that the collection can count, and then the count of a page is
#   always 0. The same behaviour with its argument set reads the number from the same answer.
# Why it matters: a connector that compares "how many are there" with "how many did I see", or asks
#   before a large removal, gets a believable 0 instead of an error.
# Date seen: 2026-11-27
# Output seen:
#   asked with $count=true and ConsistencyLevel eventual; answered @odata.count 1234
#   users.count() = 0
#   Paged(true)   = 1234
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" \
  @pnp/graph@4.21.0 @pnp/queryable@4.21.0 @pnp/core@4.21.0 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import http from 'node:http';
import { once } from 'node:events';
import { ConsistencyLevel, DefaultInit, GraphCollection, graphfi, Paged } from '@pnp/graph';
import '@pnp/graph/users/index.js';
import { BrowserFetch, DefaultParse } from '@pnp/queryable';

let asked;
const server = http.createServer((request, response) => {
  const query = new URL(request.url, 'http://graph').searchParams;
  asked = `$count=${query.get('$count')} and ConsistencyLevel ${request.headers.consistencylevel}`;
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ '@odata.count': 1234, value: [{ id: '7' }] }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${server.address().port}/v1.0`;

const { users } = graphfi(root).using(DefaultInit(root), BrowserFetch(), DefaultParse());
const counted = await users.count();
console.log(`asked with ${asked}; answered @odata.count 1234`);
const page = GraphCollection(users).using(Paged(true), ConsistencyLevel());
page.query.set('$count', 'true');
const { count } = await page();
console.log('users.count() =', counted);
console.log('Paged(true)   =', count);
server.close();
if (counted !== 0 || count !== 1234) {
  console.error('Changed: count() no longer gives 0 for an answer that says 1234, or Paged(true) no longer reads it.');
  process.exit(1);
}
process.exit(0);
JS
node "$tmp/check.mjs"
