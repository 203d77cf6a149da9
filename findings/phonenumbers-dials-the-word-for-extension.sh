#!/usr/bin/env bash
# Words behind a German number are dialled: "App." becomes the digits 277, and the result is a
# valid number of somebody else.
#
# Versions: phonenumbers 9.0.43 (PyPI); for comparison libphonenumber-js 1.13.16 (npm).
# Expected: a word that the library does not know as "extension" makes the text unreadable, or is
#   left out; and where it is misread, the result is too long to be valid.
# What happens: three letters or more anywhere make the whole text a "vanity number", so letters
#   turn into the digits of a keypad. Fewer letters are dropped and the digits after them appended.
#   German and Austrian numbers have no fixed length, so what comes out is valid, as are the digits
#   for "Fax" or "privat". "ext." and "int." are understood. libphonenumber-js, a rewrite of the
#   same rules, refuses a number with digits behind an unknown word and leaves a last word out.
# Why it matters: telephone fields of a directory are typed by people. is_valid_number() is the
#   usual gate before a number is stored or called, and it lets these through.
# Date seen: 2026-11-27
# Output seen:
#   +49 30 1234567 App. 89 -> phonenumbers +4930123456727789 valid; libphonenumber-js nothing
#   +49 30 1234567 DW 89 -> phonenumbers +4930123456789 valid; libphonenumber-js nothing
#   +49 30 1234567 Fax -> phonenumbers +49301234567329 valid; libphonenumber-js +49301234567
#   +43 1 234567 privat -> phonenumbers +431234567774828 valid; libphonenumber-js +431234567
#   +49 30 1234567 ext. 89 -> phonenumbers +49301234567 ext 89 valid; libphonenumber-js +49301234567 ext 89
#   +49 30 1234567 int. 89 -> phonenumbers +49301234567 ext 89 valid; libphonenumber-js +49301234567 ext 89
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check phonenumbers==9.0.43 || could_not_install
npm install --silent --no-audit --no-fund --prefix "$tmp" libphonenumber-js@1.13.16 >/dev/null || could_not_install

cat > "$tmp/other.mjs" <<'JS'
import { parsePhoneNumberFromString as parse } from 'libphonenumber-js/max';
for (const text of process.argv.slice(2)) {
  const number = parse(text);
  console.log(number ? number.number + (number.ext ? ` ext ${number.ext}` : '') : 'nothing');
}
JS

cat > "$tmp/check.py" <<'PY'
import subprocess, sys
import phonenumbers as p

known = {
    "+49 30 1234567 App. 89": ("+4930123456727789 valid", "nothing"),
    "+49 30 1234567 DW 89": ("+4930123456789 valid", "nothing"),
    "+49 30 1234567 Fax": ("+49301234567329 valid", "+49301234567"),
    "+43 1 234567 privat": ("+431234567774828 valid", "+431234567"),
    "+49 30 1234567 ext. 89": ("+49301234567 ext 89 valid", "+49301234567 ext 89"),
    "+49 30 1234567 int. 89": ("+49301234567 ext 89 valid", "+49301234567 ext 89"),
}

def read(text):
    try:
        number = p.parse(text)
    except p.NumberParseException:
        return "nothing"
    written = p.format_number(number, p.PhoneNumberFormat.E164)
    extension = f" ext {number.extension}" if number.extension else ""
    return written + extension + (" valid" if p.is_valid_number(number) else " not valid")

others = subprocess.run(["node", sys.argv[1], *known], check=True, capture_output=True, text=True)
changed = False
for (text, seen), other in zip(known.items(), others.stdout.splitlines()):
    print(f"{text} -> phonenumbers {read(text)}; libphonenumber-js {other}")
    changed |= seen != (read(text), other)
if changed:
    sys.exit("Changed: words behind a number are read in another way now.")
PY
"$tmp/venv/bin/python" "$tmp/check.py" "$tmp/other.mjs"
