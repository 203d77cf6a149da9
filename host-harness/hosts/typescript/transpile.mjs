// Turns the component into what Node can run, and its contract into types that the host is checked against.
//
//     node transpile.mjs entra_connector.wasm
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

const [component] = process.argv.slice(2);
if (component === undefined) {
  console.error('Say which component: node transpile.mjs entra_connector.wasm');
  process.exit(2);
}
const folder = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), 'generated');
const { files } = await transpileBytes(await readFile(component), {
  name: 'connector',
  // The host gives every import itself, so that the component gets nothing that it was not given.
  instantiation: 'async',
  base64Cutoff: 0,
  noNodejsCompat: true,
  outDir: folder,
});
await rm(folder, { recursive: true, force: true });
for (const [file, content] of Object.entries(files)) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
