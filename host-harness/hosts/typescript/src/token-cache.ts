// The import `token-cache`, which not every component has: access tokens, for as long as this process lives.

const MAX_TOKENS = 8;
const MAX_LENGTH = 64 << 10;

interface Token {
  value: string;
  goodForMs: bigint;
}

export interface TokenCache {
  get(issuedFor: string): Token | undefined;
  put(issuedFor: string, token: Token): void;
}

/** The slices of a run share one sign-in; nothing of it reaches the disk. */
export function tokenCache(): TokenCache {
  const kept = new Map<string, { value: string; until: number }>();
  return {
    get: (issuedFor) => {
      const token = kept.get(issuedFor);
      const goodForMs = Math.floor((token?.until ?? 0) - performance.now());
      return token !== undefined && goodForMs > 0 ? { value: token.value, goodForMs: BigInt(goodForMs) } : undefined;
    },
    put: (issuedFor, { value, goodForMs }) => {
      kept.delete(issuedFor);
      if (goodForMs === 0n || value.length > MAX_LENGTH) {
        return;
      }
      kept.set(issuedFor, { value, until: performance.now() + Number(goodForMs) });
      const [oldest] = kept.keys();
      if (kept.size > MAX_TOKENS && oldest !== undefined) {
        kept.delete(oldest);
      }
    },
  };
}
