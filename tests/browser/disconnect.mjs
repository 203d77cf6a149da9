// Disconnecting is typed out; contacts stay; connecting again finds the same people.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { fillConnection, setUp, signIn, synced } from "./ways.mjs";
import * as words from "./words.mjs";

await inChromium(async (browser) => {
  const page = await open(browser);
  await signIn(page, "demo", "ada");
  await setUp(page, "demo");
  const contacts = await words.card(page, "Active records").locator(".card-value").innerText();

  await words.disconnectLink(page).click();
  await words.confirmation(page).fill("disconnect please");
  await words.disconnectButton(page).click();
  await words.told(page, "Type DISCONNECT").waitFor();
  await look(page, "disconnect");
  await words.confirmation(page).fill("DISCONNECT");
  await words.disconnectButton(page).click();
  await words.connectAgain(page).waitFor();
  await words.told(page, `${contacts} active records`).waitFor();
  await look(page, "disconnected");

  // The secret is gone; the mapping is still there; nobody is made a second time.
  await words.connectAgain(page).click();
  assert.equal(await words.secret(page).getAttribute("placeholder"), null, "no secret is set");
  await fillConnection(page);
  await words.test(page).click();
  await words.toMapping(page).click();
  await words.saveAndContinue(page).click();
  await words.runSync(page).click();
  await synced(page);
  assert.equal(await words.card(page, "Active records").locator(".card-value").innerText(), contacts);
});
