#!/usr/bin/env bash
# libphonenumber-js reads a telephone URI with a phone-context the first time, refuses it the
# second, and so on in turns.
#
# Versions: libphonenumber-js 1.13.16 (npm).
# Expected: the same text gives the same answer each time. "tel:425-555-0109;phone-context=+1" is a
#   local number in the form of RFC 3966, and the library supports that form.
# What happens: every second call with a phone-context gives nothing. A pattern with the "global"
#   flag is kept between calls and remembers where it stopped. Other numbers parsed in between do
#   not reset it; the forms of the library ("min", "mobile", "max") share the one pattern.
# Why it matters: vCard 4 and SCIM write telephone numbers as tel: URIs. In a list of people every
#   second one with such a number has none, and another one after the order changes; a test with one
#   person is green.
# Date seen: 2026-11-27
# Output seen:
#   with phone-context: +14255550109, nothing, +14255550109, nothing
#   without:            +14255550109, +14255550109, +14255550109, +14255550109
#   two people in a row, each read once: +14255550109, nothing
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" libphonenumber-js@1.13.16 >/dev/null || could_not_install

cat > "$tmp/check.mjs" <<'JS'
import { parsePhoneNumberFromString as parse } from 'libphonenumber-js';

const read = texts => texts.map(text => parse(text)?.number ?? 'nothing').join(', ');
const times = text => Array(4).fill(text);
const context = read(times('tel:425-555-0109;phone-context=+1'));
const plain = read(times('tel:+1-425-555-0109'));
const people = read(['tel:425-555-0109;phone-context=+1', 'tel:425-555-0110;phone-context=+1']);
console.log('with phone-context:', context);
console.log('without:           ', plain);
console.log('two people in a row, each read once:', people);
if (context !== '+14255550109, nothing, +14255550109, nothing' || people !== '+14255550109, nothing') {
  console.error('Changed: a number with a phone-context is no longer refused every second time.');
  process.exit(1);
}
JS
node "$tmp/check.mjs"
