// One Chromium a script; what it showed when a script failed is kept.
import path from "node:path";
import { chromium } from "playwright-core";

const screenshots = process.env.SCREENSHOTS;
const script = path.basename(process.argv[1], ".mjs");

// As root, and without a graphics card; nothing that would reach out by itself.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function inChromium(play) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args });
  try {
    await play(browser);
  } catch (error) {
    await keepWhatIsShown(browser);
    throw error;
  } finally {
    await browser.close();
  }
}

async function keepWhatIsShown(browser) {
  let count = 0;
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    count += 1;
    const file = path.join(screenshots, `failed-${script}-${count}.png`);
    await page.screenshot({ path: file, fullPage: true }).catch(() => {});
    const text = (await page.locator("main").innerText().catch(() => "")).slice(0, 2_000);
    console.error(`${page.url()} (${file})\n${text}\n`);
  }
}

// A page of a person who uses a browser of their own.
export async function open(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw new Error(`the page's script failed: ${error.message}`);
  });
  return page;
}

export async function screenshot(page, name) {
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}
