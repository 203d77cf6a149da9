// The four steps, by somebody who makes mistakes and looks at everything.
import assert from "node:assert/strict";
import { inChromium, open } from "./chromium.mjs";
import { look } from "./looks.mjs";
import { emulator, fixture } from "./fixture.mjs";
import { consent, fillConnection, root, signIn, synced, whoDid } from "./ways.mjs";
import * as words from "./words.mjs";

await inChromium(async (browser) => {
  const page = await open(browser);
  await page.goto(fixture.links.demo.ada);
  await look(page, "sign-in");
  await signIn(page, "demo", "ada");
  await look(page, "first-run");
  await words.begin(page).click();
  await look(page, "connect-first");

  // A wrong secret is told in words, with what to do; the right one shows that consent is missing.
  await fillConnection(page, "not-the-secret");
  await words.test(page).click();
  await words.told(page, "The client secret is wrong").waitFor();
  await look(page, "connect-refused");
  await fillConnection(page);
  await words.test(page).click();
  await words.told(page, "accepts the client id and the secret").waitFor();
  await words.told(page, "grant admin consent").waitFor();
  assert.equal(await words.toMapping(page).count(), 0, "nobody goes on without a connection");

  // Consent that is declined, then given.
  await words.askForConsent(page).click();
  await words.decline(page).click();
  await words.told(page, "Consent was not given").waitFor();
  await consent(page);
  await words.test(page).click();
  await words.toMapping(page).waitFor();
  assert.equal(await words.secret(page).inputValue(), "", "a secret comes back to no page");
  await look(page, "connect-works");

  // Another start brings other rows, and is given up again. A mandatory row is marked and stays.
  await words.toMapping(page).click();
  await words.choice(page, "Mirror").check();
  await words.fillIn(page).click();
  await words.row(page, "Company").waitFor();
  await words.removeMapping(page, "Company").click();
  await words.row(page, "Company").waitFor({ state: "detached" });
  await words.choice(page, "Add only").check();
  await words.fillIn(page).click();
  await words.row(page, "Mobile phone").waitFor({ state: "detached" });
  await words.row(page, "Email").getByText("*").waitFor();
  assert.equal(await words.removeMapping(page, "Email").count(), 0, "a mandatory row cannot be removed");

  // An own label that still lacks an attribute; then the sample says what the attribute looks like.
  await words.addMapping(page).click();
  await words.ownLabel(page).fill("Favourite office");
  await words.saveAndContinue(page).click();
  await words.told(page, "Nothing was saved yet").waitFor();
  await look(page, "map-refused");
  await words.attribute(page, "Favourite office").selectOption({ label: "Office location" });
  await words.row(page, "Favourite office").getByText(/^e\.g\. \S/).waitFor();
  await look(page, "map");
  await emulator("POST", "faults", { path: "/users", delayMs: 1_500, times: 1 });
  await words.saveAndContinue(page).click();

  // The plan arrives by itself; behind its numbers are the people.
  await words.told(page, "The numbers appear here").waitFor();
  await words.runSync(page).waitFor();
  const created = await words.count(page, "Will be created").innerText();
  const people = Number(/\d+/.exec(created)[0]);
  assert.ok(people > 20, created);
  await look(page, "review");
  await words.behind(page, "Will be created").click();
  await words.told(page, "Adele Vance").waitFor();
  await look(page, "review-people");
  await page.goBack();
  await words.runSync(page).click();

  // The fourth step is the overview, with what the plan had promised.
  await synced(page);
  await words.card(page, "Active records").getByText(String(people), { exact: true }).waitFor();
  await words.told(page, "Favourite office").waitFor();
  assert.deepEqual(await whoDid(page, "demo", "connected"), ["Ada"]);
  await look(page, "overview-first");
  for (const [name, shown] of [["Contacts", "Adele Vance"], ["Activity", "Ada"]]) {
    await words.part(page, name).click();
    await words.told(page, shown).waitFor();
    await look(page, name.toLowerCase());
  }
  await page.goto(`${root("demo")}/nowhere`);
  await look(page, "failure");
});
