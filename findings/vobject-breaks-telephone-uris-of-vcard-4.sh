#!/usr/bin/env bash
# A vCard 4 telephone number with an extension does not survive being read and written by vobject:
# other programs then find no number in it.
#
# Versions: vobject 0.9.9, phonenumbers 9.0.43 (PyPI), ical.js 2.2.1 (npm).
# Expected: TEL;VALUE=uri:tel:+1-425-555-0109;ext=12 is vCard 4's own form for an extension. It is a
#   URI, and a URI is not escaped like text (RFC 6350, 4.2).
# What happens: vobject writes it with a backslash before the semicolon. It reads its own writing
#   back without, so a test with vobject alone is green. ical.js rightly leaves a URI as it stands,
#   backslash included, and phonenumbers then refuses the whole number.
# Why it matters: vobject is what common CardDAV programs and servers in Python use. A connector that
#   puts extensions where vCard 4 wants them has them spoilt by the next program that saves the card.
# Date seen: 2026-11-27
# Output seen:
#   before: ical.js reads tel:+1-425-555-0109;ext=12, phonenumbers says +14255550109 ext 12
#   after:  ical.js reads tel:+1-425-555-0109\;ext=12, phonenumbers says no number
#   vobject reads its own writing as tel:+1-425-555-0109;ext=12
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  vobject==0.9.9 phonenumbers==9.0.43 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" ical.js@2.2.1 >/dev/null || could_not_install

cat > "$tmp/read.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
const card = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
console.log(card.getFirstPropertyValue('tel'));
JS

cat > "$tmp/check.py" <<'PY'
import subprocess, sys
import phonenumbers, vobject

before = "\r\n".join(["BEGIN:VCARD", "VERSION:4.0", "FN:Ana Roa",
                      "TEL;VALUE=uri;TYPE=work:tel:+1-425-555-0109;ext=12", "END:VCARD", ""])
after = vobject.readOne(before).serialize()

def look(card):
    uri = subprocess.run(["node", sys.argv[1]], input=card, check=True, capture_output=True, text=True).stdout.strip()
    try:
        number = phonenumbers.parse(uri)
        said = f"{phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)} ext {number.extension}"
    except phonenumbers.NumberParseException:
        said = "no number"
    return f"ical.js reads {uri}, phonenumbers says {said}"

own = vobject.readOne(after).tel.value
seen = [look(before), look(after)]
print("before:", seen[0])
print("after: ", seen[1])
print("vobject reads its own writing as", own)
uri = "tel:+1-425-555-0109;ext=12"
if seen != [f"ical.js reads {uri}, phonenumbers says +14255550109 ext 12",
            "ical.js reads tel:+1-425-555-0109\\;ext=12, phonenumbers says no number"] or own != uri:
    sys.exit("Changed: a telephone URI comes out of these three in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp/read.mjs"
