// A run that would have removed too many: who, why, and the two ways out.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { emulator, users } from "./fixture.mjs";
import { setUp, signIn, synced, whoDid } from "./ways.mjs";
import * as words from "./words.mjs";

const LEAVERS = 30;

await inChromium(async (browser) => {
  const page = await open(browser);
  await signIn(page, "demo", "ada");
  await setUp(page, "demo");
  const contacts = Number(await words.card(page, "Active records").locator(".card-value").innerText());

  const leavers = (await users()).slice(0, LEAVERS);
  for (const { id } of leavers) await emulator("DELETE", `users/${id}`);
  await words.syncNow(page).click();
  await words.pill(page, "Blocked").waitFor();
  await words.told(page, "Nothing was taken away").waitFor();
  await look(page, "overview-blocked");
  await words.card(page, "Active records").getByText(String(contacts), { exact: true }).waitFor();

  await words.seeWho(page).click();
  await words.told(page, leavers[0].displayName).waitFor();
  await look(page, "blocked");

  // Leaving it: the settings.
  await words.leaveIt(page).click();
  await words.title(page, "Settings").waitFor();
  await page.goBack();

  // Approving it: exactly that.
  await words.approve(page, `Unlink ${LEAVERS} contacts`).click();
  await synced(page);
  const left = String(contacts - LEAVERS);
  await words.card(page, "Active records").getByText(left, { exact: true }).waitFor();
  assert.deepEqual(await whoDid(page, "demo", "sync-approved"), ["Ada", "Ada"], "the first sync, and this");
});
