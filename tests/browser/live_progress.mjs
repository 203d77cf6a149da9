// A sync while somebody looks: the page tells by itself how far it is, and nothing on it moves.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look, weight } from "./looks.mjs";
import { emulator } from "./fixture.mjs";
import { root, setUp, signIn, synced } from "./ways.mjs";
import * as words from "./words.mjs";

// The layout shift that people see (https://web.dev/articles/cls); good is below 0.1.
const STEADY = 0.02;
const HEAVIEST = 100_000;

// Counts what moves by itself from now on.
async function watchForMoves(page) {
  await page.evaluate(() => {
    window.moved = 0;
    const moved = (list) => {
      for (const shift of list.getEntries()) window.moved += shift.value;
    };
    new PerformanceObserver(moved).observe({ type: "layout-shift", buffered: false });
  });
}

// Where the bar is seen to be, until it has been at so many places or has had time enough.
async function placesOfBar(page, enough) {
  return page.evaluate((wanted) => new Promise((done) => {
    const seen = [];
    const deadline = performance.now() + 20_000;
    const note = () => {
      const bar = document.querySelector("#progress progress");
      const at = bar?.hasAttribute("value") ? bar.value : undefined;
      if (at !== undefined && at !== seen.at(-1)) seen.push(at);
      if (seen.length >= wanted || performance.now() > deadline) done(seen);
      else requestAnimationFrame(note);
    };
    note();
  }), enough);
}

await inChromium(async (browser) => {
  const page = await open(browser);
  await signIn(page, "busy", "ada");
  await setUp(page, "busy");
  const member = await open(browser);
  await signIn(member, "busy", "max");

  for (const width of [1600, 360]) {
    await emulator("POST", "faults", { path: "/v1.0/users", delayMs: 500 });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(root("busy"));
    await page.waitForLoadState("networkidle").catch(() => {});
    const bars = await words.bars(page).count();
    await words.fullResync(page).click();
    await words.progress(page).waitFor();
    await watchForMoves(page);
    const begun = await page.evaluate(() => performance.timeOrigin);

    // Cards say that they are not final, also to somebody who did not start it and has no settings.
    for (const label of ["Active records", "Mapped attributes", "Schedule", "Data insights"]) {
      await words.card(page, label).getByText("Updating…").waitFor();
    }
    await words.card(member, "Active records").getByText("Updating…").waitFor();
    assert.ok(await words.syncNow(page).isDisabled(), "one at a time");
    const places = await placesOfBar(page, 4);
    assert.equal(places.length, 4, `the bar was at ${places}`);
    assert.deepEqual(places, [...places].sort((one, other) => one - other), "it goes forward");
    await words.pill(page, "Syncing now").waitFor();
    await words.bars(page).last().getByText("Syncing now").waitFor({ state: "attached" });
    if (width === 1600) {
      await look(member, "member-running");
    }
    await emulator("DELETE", "faults");

    await synced(page);
    await synced(member);
    assert.equal(await words.bars(page).count(), bars + 1);
    await words.card(page, "Active records").getByText("6,000", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => performance.timeOrigin), begun, "the page was not loaded anew");
    const moved = await page.evaluate(() => window.moved);
    assert.ok(moved < STEADY, `at ${width} px things moved by ${moved}`);
  }

  // A running sync at every width, and one that is stopped by hand.
  await page.setViewportSize({ width: 1600, height: 900 });
  await emulator("POST", "faults", { path: "/v1.0/users", delayMs: 1_500 });
  await words.fullResync(page).click();
  await words.progress(page).waitFor();
  await look(page, "overview-running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await emulator("DELETE", "faults");
  await words.bars(page).last().getByText("Stopped").waitFor({ state: "attached" });

  const bytes = await weight(page, root("busy"));
  console.log(`the overview weighs ${bytes} bytes`);
  assert.ok(bytes <= HEAVIEST, `the overview weighs ${bytes} bytes`);
});
