// The import `signing`, which not every component has: this host keeps no keys.

class SigningFailure extends Error {
  constructor(readonly payload: { tag: 'not-found' }) {
    super(payload.tag);
  }
}

/** Nobody is given one. */
class Signer {}

export interface Signing {
  Signer: typeof Signer;
  get(name: string): Signer;
}

export const signing: Signing = {
  Signer,
  get: () => {
    throw new SigningFailure({ tag: 'not-found' });
  },
};
