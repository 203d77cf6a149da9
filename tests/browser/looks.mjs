// A state of the pages, looked at in every way that people have it before them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 768, 1600];
const SCHEMES = ["light", "dark"];
const HEIGHT = 900;

// Keeps a screenshot in light and dark at each width, and holds what is shown against axe's rules: nothing
// serious may be found, and nothing may have to be scrolled sideways.
export async function look(page, name) {
  const before = page.viewportSize();
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      const state = `${name}-${width}-${colorScheme}`;
      await page.setViewportSize({ width, height: HEIGHT });
      await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${state}.png`), fullPage: true });
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${state} is ${beyond} px wider than the window`);
      assert.deepEqual(await serious(page), [], state);
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(before);
}

async function serious(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run());
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" ")}`);
}

// How many bytes a page is, with all that it loads, where nothing is kept from before.
export async function weight(page, address) {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  client.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; });
  await page.goto(address, { waitUntil: "load" });
  await client.detach();
  return bytes;
}
