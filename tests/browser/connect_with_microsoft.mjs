// One button: an administrator declines, signs in as the wrong person, and connects.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { root, signIn, whoDid } from "./ways.mjs";
import * as words from "./words.mjs";

await inChromium(async (browser) => {
  const page = await open(browser);
  await signIn(page, "demo", "ada");
  await page.goto(`${root("demo")}/setup/connect`);
  await look(page, "connect-platform-first");

  await words.withMicrosoft(page).click();
  await words.decline(page).click();
  await words.told(page, "Consent was not given").waitFor();

  await words.withMicrosoft(page).click();
  await words.accept(page).click();
  await words.account(page, "Max Member").click();
  await words.told(page, "may not consent for the organisation").waitFor();
  assert.equal(await words.toMapping(page).count(), 0, "nothing is connected");

  await words.withMicrosoft(page).click();
  await words.accept(page).click();
  await words.account(page, "Adele Administrator").click();
  await words.told(page, "Connected. The connection was tested").waitFor();
  await words.toMapping(page).waitFor();
  await look(page, "connect-platform-works");
  assert.deepEqual(await whoDid(page, "demo", "consent-granted"), ["Ada"]);

  // A registration of one's own is a step away.
  await words.advanced(page).click();
  await words.told(page, "App registrations → New registration").waitFor();
  await look(page, "connect-platform-advanced");
});
