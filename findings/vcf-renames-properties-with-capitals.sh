#!/usr/bin/env bash
# Read and written once by the package vcf, X-ABLabel is X-AB-LABEL and X-EntraId is X-ENTRA-ID:
# properties that no other program knows.
#
# Versions: vcf 2.1.2; for comparison ical.js 2.2.1 (npm).
# Expected: the name of a property may be written in capitals or not (RFC 6350, 3.3) and is otherwise
#   kept. A program that does not know an X- property passes it on.
# What happens: vcf keeps names in camel case and makes the hyphens anew from the capitals, so that
#   each capital inside a word gains one. It reads its own writing well, and names without a small
#   letter survive; both hide it. ical.js finds the labels and the mark before, and neither after.
# Why it matters: X-ABLabel is how address books of Apple name a telephone number, and a mark such as
#   X-EntraId is how a connector knows its cards again. After one save by a program with vcf the
#   label is gone and the person is created a second time.
# Date seen: 2026-11-28
# Output seen:
#   before: x-ablabel Desk, x-entraid 7, x-entra-mark 7, x-socialprofile contoso
#   after:  x-ab-label Desk, x-entra-id 7, x-entra-mark 7, x-socialprofile contoso
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" vcf@2.1.2 ical.js@2.2.1 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import ICAL from 'ical.js';
import VCard from 'vcf';

const card = ['BEGIN:VCARD', 'VERSION:3.0', 'UID:ana', 'FN:Ana Roa', 'N:Roa;Ana;;;',
  'item1.TEL:+1 425 555 0109', 'item1.X-ABLabel:Desk', 'X-EntraId:7', 'X-ENTRA-MARK:7',
  'X-SOCIALPROFILE:contoso', 'END:VCARD', ''].join('\r\n');
const saved = new VCard().parse(card).toString();
const look = text => new ICAL.Component(ICAL.parse(text)).getAllProperties()
  .filter(property => property.name.startsWith('x-'))
  .map(property => `${property.name} ${property.getFirstValue()}`).join(', ');
const [before, after] = [look(card), look(saved)];
console.log('before:', before);
console.log('after: ', after);
let changed = 0;
if (before !== 'x-ablabel Desk, x-entraid 7, x-entra-mark 7, x-socialprofile contoso') {
  console.error('Changed: ical.js reads these properties in another way now.');
  changed = 1;
}
if (after !== 'x-ab-label Desk, x-entra-id 7, x-entra-mark 7, x-socialprofile contoso') {
  console.error('Changed: vcf writes these properties in another way now.');
  changed = 1;
}
if (new VCard().parse(saved).toString() !== saved) {
  console.error('Changed: vcf no longer reads its own writing as it wrote it.');
  changed = 1;
}
process.exit(changed);
JS
node "$tmp/check.mjs"
