// The four steps without a mouse: what has the focus can be seen, and everything can be reached.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { fixture } from "./fixture.mjs";
import { root, synced } from "./ways.mjs";
import * as words from "./words.mjs";

// Goes to something as a person does, and sees that it is there.
async function tabTo(page, target) {
  await target.waitFor();
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return assert.ok(await isMarked(target), "what has the focus is marked");
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}

async function isMarked(target) {
  return target.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  });
}

async function press(page, target, key = "Enter") {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

async function type(page, target, text) {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

await inChromium(async (browser) => {
  const page = await open(browser);
  await page.goto(fixture.links.demo.ada);
  // The only thing to do has the focus.
  assert.ok(await words.signInButton(page).evaluate((button) => button === document.activeElement));
  await page.keyboard.press("Enter");
  await page.waitForURL(root("demo"));

  // The first press of the key leads past the navigation.
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  assert.ok(await skip.evaluate((link) => link === document.activeElement));
  assert.ok(await isMarked(skip));
  await page.keyboard.press("Enter");
  await press(page, words.begin(page));

  await type(page, words.tenant(page), fixture.tenant);
  await type(page, words.client(page), fixture.client);
  await type(page, words.secret(page), fixture.secret);
  // Enter in a line is its form's first button.
  await page.keyboard.press("Enter");
  await words.told(page, "grant admin consent").waitFor();
  await press(page, words.askForConsent(page));
  await press(page, words.accept(page));
  await words.told(page, "Consent was given").waitFor();
  await press(page, words.test(page));
  await press(page, words.toMapping(page));

  await press(page, words.addMapping(page));
  // What was added has the focus already.
  assert.ok(await words.ownLabel(page).evaluate((input) => input === document.activeElement));
  await page.keyboard.type("Favourite office");
  await tabTo(page, words.attribute(page, "New mapping"));
  await page.keyboard.type("Office location");
  await press(page, words.removeMapping(page, "Company"));
  await words.row(page, "Company").waitFor({ state: "detached" });
  assert.equal(await words.attribute(page, "Favourite office").inputValue(), "officeLocation");
  await press(page, words.saveAndContinue(page));
  await press(page, words.runSync(page));
  await synced(page);

  // The status, then the chart: one stop, arrows within, Escape closes what explains.
  await tabTo(page, words.pill(page, "Synced successfully").or(words.pill(page, "Synced with warnings")));
  await words.explanation(page).waitFor({ state: "visible" });
  await page.keyboard.press("Escape");
  await words.explanation(page).waitFor({ state: "hidden" });
  await tabTo(page, words.bars(page).last());
  const breakdown = page.getByRole("tooltip").getByText("Processed");
  await breakdown.waitFor({ state: "visible" });
  await page.keyboard.press("Escape");
  await breakdown.waitFor({ state: "hidden" });

  // The end of it, too.
  await press(page, words.disconnectLink(page));
  await type(page, words.confirmation(page), "DISCONNECT");
  await page.keyboard.press("Enter");
  await words.connectAgain(page).waitFor();
});
