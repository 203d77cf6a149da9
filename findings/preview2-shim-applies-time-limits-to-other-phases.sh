#!/usr/bin/env bash
# In Node's host for WASI components the limit for connecting cuts off slow answers, and the limit
# for the first byte does not limit the wait for it.
#
# Versions: @bytecodealliance/preview2-shim 0.26.1 (npm), the host that jco uses.
# Expected: request-options of wasi:http have one limit for connecting, one for the first byte of
#   the answer and one between bytes. A server on the same machine that accepts at once and
#   answers after 1.5 seconds meets "connect 0.5 s" and breaks "first byte 0.5 s".
# What happens: the other way round. With the connect limit the request fails after half a second
#   as "connection-timeout", although the connection stood; with the first-byte limit it succeeds
#   after 1.5 seconds. With both set, the connect limit decides.
# Why it matters: the token endpoint and large pages of a directory are slow at times. The careful
#   setting "connect quickly, answer at leisure" makes them fail, with an error that says the server
#   was not reached, so a write may be repeated that had arrived; and a silent server is waited for.
# Date seen: 2026-11-27
# Output seen (an answer that takes 1.5 s):
#   connect limit 0.5 s: connection-timeout, after less than 1.2 s
#   first-byte limit 0.5 s: status 200, after more than 1.2 s
#   connect limit 0.5 s, first-byte limit 10 s: connection-timeout, after less than 1.2 s
#   requests that had reached the server: 3
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" \
  @bytecodealliance/preview2-shim@0.26.1 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { http } from '@bytecodealliance/preview2-shim';

// The server is a process of its own: the calls below block this one, as they do for a component.
const server = spawn(process.execPath, ['-e', `
  let requests = 0;
  require('http').createServer((request, response) => {
    if (request.url === '/requests') return response.end(String(requests));
    requests += 1;
    setTimeout(() => response.end(), 1500);
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = Number((await once(server.stdout, 'data'))[0]);

const { types, outgoingHandler } = http;
const seconds = number => BigInt(Math.round(number * 1e9));
const ask = limits => {
  const request = new types.OutgoingRequest(new types.Fields());
  request.setScheme({ tag: 'HTTP' });
  request.setAuthority(`127.0.0.1:${port}`);
  request.setPathWithQuery('/');
  const options = new types.RequestOptions();
  if (limits.connect) options.setConnectTimeout(seconds(limits.connect));
  if (limits.firstByte) options.setFirstByteTimeout(seconds(limits.firstByte));
  const body = request.body();
  const begun = performance.now();
  const future = outgoingHandler.handle(request, options);
  types.OutgoingBody.finish(body, undefined);
  future.subscribe().block();
  const { val: { tag, val } } = future.get();
  const took = performance.now() - begun;
  return `${tag === 'ok' ? `status ${val.status()}` : val.tag}, after ${took < 1200 ? 'less' : 'more'} than 1.2 s`;
};
const seen = [
  `connect limit 0.5 s: ${ask({ connect: 0.5 })}`,
  `first-byte limit 0.5 s: ${ask({ firstByte: 0.5 })}`,
  `connect limit 0.5 s, first-byte limit 10 s: ${ask({ connect: 0.5, firstByte: 10 })}`,
  `requests that had reached the server: ${await (await fetch(`http://127.0.0.1:${port}/requests`)).text()}`,
].join('\n');
console.log(seen);
server.kill();
if (seen !== `connect limit 0.5 s: connection-timeout, after less than 1.2 s
first-byte limit 0.5 s: status 200, after more than 1.2 s
connect limit 0.5 s, first-byte limit 10 s: connection-timeout, after less than 1.2 s
requests that had reached the server: 3`) {
  console.error('Changed: the time limits of an outgoing request are applied in another way now.');
  process.exit(1);
}
process.exit(0);
JS
node "$tmp/check.mjs"
