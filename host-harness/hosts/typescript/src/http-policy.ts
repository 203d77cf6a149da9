// What the component may reach: the hosts of its cloud by https, and this machine where the operator allows it.

import { http } from '@bytecodealliance/preview2-shim';
import type { Connector } from './contract.js';

const SECOND = 1_000_000_000n;
/** The longest that any wait of a request may be set to. The component asks for less. */
const LONGEST_WAIT = 120n * SECOND;

type Handler = typeof http.outgoingHandler;
type Request = Parameters<Handler['handle']>[0];
type Options = Parameters<Handler['handle']>[1];

export interface Policy {
  hosts: Set<string>;
  /** Authorities of this machine, with their ports, which may be spoken to without TLS. */
  loopback: Set<string>;
}

/** What a document needs of what the connector says that it may need: nothing where it is no document, of which
 * the connector says what is wrong with it. */
export function policyFor(document: string, endpoints: Connector.Endpoint[], allowLoopback: boolean): Policy {
  const outline = outlineOf(document);
  if (outline === undefined) {
    return { hosts: new Set(), loopback: new Set() };
  }
  const roots = allowLoopback ? outline.roots.filter((root) => URL.canParse(root)).map((root) => new URL(root)) : [];
  return {
    hosts: new Set(endpoints.filter((endpoint) => endpoint.cloud === outline.cloud).map((endpoint) => endpoint.host)),
    loopback: new Set(roots.filter(isLoopback).map((root) => root.host)),
  };
}

/** Which cloud a document names, and which servers of its own. */
function outlineOf(document: string): { cloud: unknown; roots: string[] } | undefined {
  try {
    const { tenant, endpoints } = JSON.parse(document.replace(/^\uFEFF/, '')) as {
      tenant?: { cloud?: unknown };
      endpoints?: Record<string, unknown>;
    };
    const roots = Object.values(endpoints ?? {}).filter((root) => typeof root === 'string');
    return { cloud: tenant?.cloud ?? 'global', roots };
  } catch {
    return undefined;
  }
}

/** `wasi:http/outgoing-handler` with a policy. Redirects need none: preview2-shim follows none. */
export function policed(policy: Policy): Handler {
  return {
    handle(request, options) {
      if (!isAllowed(policy, request)) {
        throw { payload: { tag: 'HTTP-request-denied' } };
      }
      const bounded = options ?? new http.types.RequestOptions();
      bound(bounded);
      return http.outgoingHandler.handle(request, bounded);
    },
  };
}

export function isLoopback(url: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) && url.username === '' && url.password === '';
}

function isAllowed(policy: Policy, request: Request): boolean {
  const authority = request.authority() ?? '';
  const scheme = request.scheme()?.tag;
  if (policy.loopback.has(authority)) {
    return scheme === 'HTTP' || scheme === 'HTTPS';
  }
  // An exact name: what has a port, or a user before it, is another one.
  return scheme === 'HTTPS' && policy.hosts.has(authority);
}

/** No wait without an end. The limit for connecting is what preview2-shim bounds the wait for an answer by. */
function bound(options: NonNullable<Options>): void {
  const least = (asked: bigint | undefined) => (asked === undefined || asked > LONGEST_WAIT ? LONGEST_WAIT : asked);
  options.setConnectTimeout(least(options.connectTimeout()));
  options.setFirstByteTimeout(least(options.firstByteTimeout()));
  options.setBetweenBytesTimeout(least(options.betweenBytesTimeout()));
}
