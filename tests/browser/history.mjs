// What a run did, and what the status means: on hover, on focus, by touch; Escape closes it.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { emulator } from "./fixture.mjs";
import { root, setUp, signIn, synced } from "./ways.mjs";
import * as words from "./words.mjs";

const breakdown = (page, number) => page.locator(`#run-${number}-tip`);

// Under a pointer that rests, a page that is drawn anew opens nothing until it moves again, as a person's does.
async function hover(page, over, opens) {
  for (let tries = 5; ; tries -= 1) {
    await page.mouse.move(0, 0);
    await over.hover();
    const visible = opens.waitFor({ state: "visible", timeout: tries > 1 ? 4_000 : 20_000 });
    if (await visible.then(() => true, (error) => { if (tries === 1) throw error; })) return;
  }
}

await inChromium(async (browser) => {
  const page = await open(browser);
  await signIn(page, "demo", "ada");
  await setUp(page, "demo");

  // A run with changes, and one that fails.
  await emulator("PATCH", "users", { count: 3, changes: { companyName: "Keepers of keys" } });
  await words.syncNow(page).click();
  await words.bars(page).nth(1).waitFor();
  await synced(page);
  await emulator("PUT", "secret", { secret: "another-one", formerExpired: false });
  await emulator("POST", "tokens/revoke");
  await words.syncNow(page).click();
  await words.pill(page, "Failed").waitFor();
  // What failed, since when and why is on the page, with the button that helps.
  await words.trouble(page).getByText("the client secret does not work").waitFor();
  await words.trouble(page).getByText("since").waitFor();
  await words.trouble(page).getByRole("link", { name: "Enter a new secret" }).waitFor();
  await words.notSynced(page).waitFor();
  await look(page, "overview-failed");
  assert.equal(await words.bars(page).count(), 3);

  // Colours are not all that tells them apart.
  for (const [number, how] of [[0, "Synced with warnings"], [1, "Synced successfully"], [2, "Failed"]]) {
    assert.match(await words.bars(page).nth(number).innerText(), new RegExp(how));
  }

  // Hovering: the pointer may go into what opened.
  await hover(page, words.bars(page).nth(1), breakdown(page, 1));
  const told = await breakdown(page, 1).innerText();
  for (const word of ["on request", "incremental", "Processed", "Added", "Updated", "Skipped", "Removed", "Failed"]) {
    assert.ok(told.includes(word), `${word} in ${told}`);
  }
  assert.match(told, /Updated\s+3/);
  await breakdown(page, 1).hover();
  await breakdown(page, 1).waitFor({ state: "visible" });
  await page.keyboard.press("Escape");
  await breakdown(page, 1).waitFor({ state: "hidden" });

  // Focus, with the pointer elsewhere: arrows go from run to run.
  await page.mouse.move(0, 0);
  await words.bars(page).last().focus();
  await breakdown(page, 2).getByText("secret").first().waitFor({ state: "visible" });
  await page.keyboard.press("ArrowLeft");
  await breakdown(page, 1).waitFor({ state: "visible" });
  await breakdown(page, 2).waitFor({ state: "hidden" });

  // The status, on hover and on focus.
  await hover(page, words.pill(page, "Failed"), words.explanation(page));
  await page.mouse.move(0, 0);
  await words.explanation(page).waitFor({ state: "hidden" });
  await words.pill(page, "Failed").focus();
  await words.explanation(page).waitFor({ state: "visible" });
  await look(page, "overview-explained");

  // By touch, on a telephone.
  const telephone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const phone = await open(browser, { ...telephone, storageState: await page.context().storageState() });
  await phone.goto(root("demo"));
  await words.bars(phone).nth(1).tap();
  await breakdown(phone, 1).waitFor({ state: "visible" });
  const box = await breakdown(phone, 1).boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 360, `it is inside the window: ${JSON.stringify(box)}`);
  await words.pill(phone, "Failed").tap();
  await words.explanation(phone).waitFor({ state: "visible" });
  await breakdown(phone, 1).waitFor({ state: "hidden" });

  // Without the page's script, everything is there too.
  const plain = await open(browser, { javaScriptEnabled: false, storageState: await page.context().storageState() });
  await plain.goto(root("demo"));
  await words.bars(plain).nth(1).focus();
  await breakdown(plain, 1).waitFor({ state: "visible" });
  await plain.getByText("Show as table").click();
  await plain.getByRole("region", { name: "Runs" }).waitFor({ state: "visible" });

  // Cards lead to what they count; behind a missing value are its people.
  await words.card(page, "Mapped attributes").getByRole("link").click();
  await page.waitForURL(/#mappings$/);
  await words.card(page, "Data insights").getByRole("link").click();
  await page.waitForURL(/#data-quality$/);
  await page.locator("#data-quality").getByRole("link").first().click();
  await words.told(page, "Details").waitFor();
  await look(page, "missing");

  // The first run is taken back: what it made is deleted, and its number typed.
  await page.goto(root("demo"));
  const active = words.card(page, "Active records").locator(".card-value");
  const before = Number((await active.innerText()).replaceAll(",", ""));
  await words.undoRun(page).click();
  await look(page, "undo-list");
  await words.undoOf(page).last().click();
  const typed = page.getByRole("textbox", { name: /^Type \d+ to delete/ });
  await typed.waitFor();
  const label = await page.locator("label[for=deletions]").innerText();
  const number = /\d+/.exec(label)[0];
  await look(page, "undo");
  await typed.fill("1");
  await words.undo(page, `Delete ${number} contacts`).click();
  await words.told(page, `this deletes ${number} contacts`).waitFor();
  await look(page, "undo-refused");
  await typed.fill(number);
  await typed.press("Enter");
  const left = String(before - Number(number));
  await words.card(page, "Active records").getByText(left, { exact: true }).waitFor();
  await look(page, "overview-undone");
});
