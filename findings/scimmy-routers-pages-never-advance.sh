#!/usr/bin/env bash
# A SCIM server made with SCIMMY and today's Express sends its first twenty users for every page, and
# says that it did.
#
# Versions: scimmy 1.3.5 and scimmy-routers 1.3.2 with express 5.3.0, which is what npm installs beside
#   them; for comparison express 4.22.3 (npm).
# Expected: GET /Users?startIndex=21&count=20 gives the second page (RFC 7644, section 3.4.2.4). A client
#   that counts what it gets until it has totalResults ends.
# What happens: the router turns startIndex and count into numbers by writing them into the parsed query.
#   In Express 5 that is made anew at every look, so both are ignored: the answer has startIndex 1 and the
#   first users. With Express 4 the same code pages. POST /Users/.search pages with both.
# Why it matters: a connector that trusts the pages reads twenty users again and again, either for ever, or
#   until it believes that it has seen all 45 and takes the other 25 for people who are gone.
# Date seen: 2026-11-29
# Output seen:
#   Express 5: startIndex=21 -> startIndex 1, first user-01; .search -> startIndex 21, first user-21
#   Express 4: startIndex=21 -> startIndex 21, first user-21; .search -> startIndex 21, first user-21
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

for express in 5.3.0 4.22.3; do
  folder="$tmp/${express%%.*}"
  npm install --silent --no-audit --no-fund --prefix "$folder" \
    scimmy@1.3.5 scimmy-routers@1.3.2 "express@$express" >/dev/null || could_not_install
  cat > "$folder/check.mjs" <<'JS'
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const users = Array.from({ length: 45 }, (_, place) => {
  const userName = `user-${String(place + 1).padStart(2, '0')}`;
  return { id: userName, userName };
});
SCIMMY.Resources.declare(SCIMMY.Resources.User).egress(() => users);
const app = express().use('/scim', new SCIMMYRouters({ type: 'bearer', handler: () => {} }));
const server = app.listen(0, '127.0.0.1', async () => {
  const root = `http://127.0.0.1:${server.address().port}/scim/Users`;
  const told = async (answer) => {
    const page = await (await answer).json();
    return `startIndex ${page.startIndex}, first ${page.Resources[0].userName}`;
  };
  const body = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], startIndex: 21, count: 20,
  });
  const headers = { 'content-type': 'application/scim+json' };
  const query = await told(fetch(`${root}?startIndex=21&count=20`));
  const search = await told(fetch(`${root}/.search`, { method: 'POST', headers, body }));
  console.log(`startIndex=21 -> ${query}; .search -> ${search}`);
  server.close();
});
JS
done

second='startIndex 21, first user-21'
new=$(node "$tmp/5/check.mjs")
old=$(node "$tmp/4/check.mjs")
echo "Express 5: $new"
echo "Express 4: $old"
if [ "$new" != "startIndex=21 -> startIndex 1, first user-01; .search -> $second" ]; then
  echo "Changed: with Express 5, pages are something else now." >&2
  exit 1
fi
if [ "$old" != "startIndex=21 -> $second; .search -> $second" ]; then
  echo "Changed: with Express 4, pages are something else now." >&2
  exit 1
fi
