// When two spellings are one address, or one list, as the contract defines it.

import { domainToUnicode } from 'node:url';

/** What is not seen: category Cf, variation selectors, and what a picture leaves behind. */
const INVISIBLE = /[\p{Cf}\p{Variation_Selector}\u{FFFC}]/gu;
const ASCII = /^[\0-\x7f]*$/;

/** The form in which addresses are compared. */
export function matchKey(address: string): string {
  const key = folded(address);
  const at = key.lastIndexOf('@');
  if (at < 0 || (ASCII.test(key) && !key.includes('xn--'))) {
    return key;
  }
  const domain = key.slice(at + 1).normalize('NFC');
  return `${key.slice(0, at)}@${domain.split('.').map(decoded).join('.')}`;
}

/** The form in which names of lists are compared. */
export function listKey(name: string): string {
  return folded(name.normalize('NFC')).replace(/\s+/gu, ' ');
}

/** Without regard to case, to what is not seen, and to white space around it. */
function folded(text: string): string {
  if (ASCII.test(text)) {
    return text.trim().toLowerCase();
  }
  return Array.from(text.replace(INVISIBLE, '').trim(), foldedCharacter).join('');
}

/** Unicode's simple case folding: by way of the capital, where that is one character. */
function foldedCharacter(character: string): string {
  // The one letter whose capital belongs to another letter.
  if (character === 'ı') {
    return character;
  }
  const one = (changed: string, otherwise: string) => ([...changed].length === 1 ? changed : otherwise);
  const capital = one(character.toUpperCase(), character);
  return one(capital.toLowerCase(), capital);
}

function decoded(label: string): string {
  return label.startsWith('xn--') ? domainToUnicode(label) || label : label;
}
