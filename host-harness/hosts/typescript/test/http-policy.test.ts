// What the component may reach.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { http } from '@bytecodealliance/preview2-shim';
import { policed, policyFor } from '../src/http-policy.js';
import { consent } from '../src/run-control.js';

const ENDPOINTS = [
  { cloud: 'global', host: 'graph.microsoft.com', why: '' },
  { cloud: 'china', host: 'microsoftgraph.chinacloudapi.cn', why: '' },
];
const LOCAL = JSON.stringify({ endpoints: { graph: 'http://127.0.0.1:8080', login: 'http://10.0.0.1' } });

function denied(document: string, allowLoopback: boolean, scheme: 'HTTP' | 'HTTPS', authority: string): boolean {
  const request = new http.types.OutgoingRequest(new http.types.Fields());
  request.setScheme({ tag: scheme });
  request.setAuthority(authority);
  try {
    // Without a path, what the policy lets through ends before anything is sent.
    policed(policyFor(document, ENDPOINTS, allowLoopback)).handle(request, undefined);
  } catch (error) {
    return (error as { payload?: { tag: string } }).payload?.tag === 'HTTP-request-denied';
  }
  return false;
}

test('a document reaches its own cloud by https and nothing else', () => {
  assert.equal(denied('{}', false, 'HTTPS', 'graph.microsoft.com'), false);
  for (const authority of [
    'microsoftgraph.chinacloudapi.cn', 'graph.microsoft.com.example', 'graph.microsoft.com:8443',
    '127.0.0.1:8080', 'localhost',
  ]) {
    assert.equal(denied('{}', true, 'HTTPS', authority), true, authority);
  }
  assert.equal(denied('{}', false, 'HTTP', 'graph.microsoft.com'), true);
  assert.equal(denied('{"tenant":{"cloud":"china"}}', false, 'HTTPS', 'microsoftgraph.chinacloudapi.cn'), false);
});

test('what is no document reaches nothing', () => {
  for (const document of ['', '{', 'null', '{"tenant":{"cloud":5}}', '{"tenant":{"cloud":"mars"}}']) {
    assert.equal(denied(document, true, 'HTTPS', 'graph.microsoft.com'), true, document);
  }
  assert.equal(denied('\uFEFF{}', false, 'HTTPS', 'graph.microsoft.com'), false);
});

test('servers that a document names are reached with leave, and on this machine alone', () => {
  assert.equal(denied(LOCAL, true, 'HTTP', '127.0.0.1:8080'), false);
  assert.equal(denied(LOCAL, false, 'HTTP', '127.0.0.1:8080'), true);
  assert.equal(denied(LOCAL, true, 'HTTP', '127.0.0.1:9090'), true);
  assert.equal(denied(LOCAL, true, 'HTTP', '10.0.0.1'), true);
  const consented = (root: string) => consent(true).endpoint(root);
  assert.deepEqual(['http://localhost:1', 'http://[::1]:1', 'https://evil.example', 'http://u@localhost', '/'].map(consented),
    [true, true, false, false, false]);
  assert.equal(consent(false).endpoint('http://localhost:1'), false);
});
