#!/usr/bin/env bash
# JavaScript that was made a component has no String.prototype.normalize, and localeCompare ignores
# language and options there.
#
# Versions: @bytecodealliance/componentize-js 0.23.0, run by @bytecodealliance/jco 1.35.0 (npm).
# Expected: what belongs to the language works in a component as it does in Node.
# What happens: normalize does not exist and Intl neither; the build says nothing of it, and the first
#   call is a TypeError at run time. localeCompare is there: "ä" comes after "z" for it, in German too,
#   and a comparison without regard to case finds a difference. toLocaleString writes 1234.5 for de-DE.
# Why it matters: names and addresses of a directory come composed or not, capital or not, depending
#   on who typed them. A connector in JavaScript that is tested in Node sees two people as one there,
#   and one person as two in the component.
# Date seen: 2026-11-28
# Output seen:
#   node:      normalize 1, Intl object, ana and ANA equal, ä before z true, de-DE 1.234,5, upper case É
#   component: normalize TypeError, Intl undefined, ana and ANA differ, ä before z false, de-DE 1234.5, upper case É
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
could_not_install() { echo "The packages could not be installed; nothing was checked." >&2; exit 2; }

npm install --silent --no-audit --no-fund --prefix "$tmp" \
  @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/jco@1.35.0 >/dev/null || could_not_install

cat > "$tmp/look.mjs" <<'JS'
const attempt = of => {
  try {
    return String(of());
  } catch (error) {
    return error.name;
  }
};
export const look = () => [
  `normalize ${attempt(() => 'e\u0301'.normalize('NFC').length)}`,
  `Intl ${typeof Intl}`,
  `ana and ANA ${'ana'.localeCompare('ANA', 'en', { sensitivity: 'base' }) === 0 ? 'equal' : 'differ'}`,
  `ä before z ${'ä'.localeCompare('z', 'de') < 0}`,
  `de-DE ${(1234.5).toLocaleString('de-DE')}`,
  `upper case ${'é'.toUpperCase()}`,
].join(', ');
JS
cat > "$tmp/check.mjs" <<'JS'
import { readFile, writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';
import { transpile } from '@bytecodealliance/jco';
import { look } from './look.mjs';

const here = name => new URL(name, import.meta.url);
const { component } = await componentize(await readFile(here('look.mjs'), 'utf8'), {
  witWorld: 'package demo:look; world looker { export look: func() -> string; }',
  worldName: 'looker',
  disableFeatures: ['random', 'stdio', 'clocks', 'http', 'fetch-event'],
});
const { files } = await transpile(component, { name: 'component' });
for (const [name, content] of Object.entries(files)) await writeFile(here(name.replace(/\.js$/, '.mjs')), content);
const seen = { node: look(), component: (await import('./component.mjs')).look() };
console.log('node:     ', seen.node);
console.log('component:', seen.component);
let changed = 0;
if (seen.node !== 'normalize 1, Intl object, ana and ANA equal, ä before z true, de-DE 1.234,5, upper case É') {
  console.error('Changed: Node itself compares and writes in another way.');
  changed = 1;
}
if (seen.component !== 'normalize TypeError, Intl undefined, ana and ANA differ, ä before z false, de-DE 1234.5, upper case É') {
  console.error('Changed: JavaScript in a component compares and writes in another way now.');
  changed = 1;
}
process.exit(changed);
JS
node "$tmp/check.mjs"
