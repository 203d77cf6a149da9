// How a person finds things: the words of the pages, in one place.
const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });

// Everywhere.
export const signInButton = (page) => button(page, "Sign in");
export const part = (page, name) => page.getByRole("navigation", { name: "Workspace" }).getByRole("link", { name });
export const told = (page, text) => page.getByRole("main").getByText(text).filter({ visible: true }).first();
export const title = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

// Connect.
export const tenant = (page) => page.getByRole("textbox", { name: "Tenant" });
export const client = (page) => page.getByRole("textbox", { name: "Application (client) id" });
// An input for a password has no role.
export const secret = (page) => page.locator("input").and(page.getByLabel("Client secret"));
export const test = (page) => button(page, "Save and test");
export const askForConsent = (page) => button(page, "Ask for consent at Microsoft");
export const withMicrosoft = (page) => button(page, "Connect with Microsoft");
export const advanced = (page) => page.getByText("Advanced: with an app registration of your own");
export const account = (page, name) => link(page, name);
export const accept = (page) => link(page, "Accept");
export const decline = (page) => link(page, "Cancel");
export const toMapping = (page) => link(page, "Continue: map attributes");

// Mapping. A row is named by the field that it fills.
export const row = (page, field) => page.getByRole("group", { name: field, exact: true });
export const attribute = (page, field) => row(page, field).getByRole("combobox", { name: "Directory attribute" });
export const ownLabel = (page) => page.getByRole("textbox", { name: "Own label" });
export const addMapping = (page) => button(page, "+ Add mapping");
export const removeMapping = (page, field) => button(page, `Remove the mapping of ${field}`);
export const choice = (page, label) => page.getByRole("radio", { name: label, exact: true });
export const groups = (page) => page.getByRole("textbox", { name: "Which groups, one a line" });
export const kindOfGroups = (page, label) => page.getByRole("checkbox", { name: label, exact: true });
export const fillIn = (page) => button(page, "Fill in its mapping and policies");
export const schedule = (page) => page.getByRole("textbox", { name: "Sync", exact: true });
export const saveAndContinue = (page) => button(page, "Save changes and continue");
export const save = (page) => button(page, "Save changes");
export const cancel = (page) => page.getByRole("main").getByRole("link", { name: "Cancel" });

// Review.
export const count = (page, label) => page.getByRole("listitem").filter({ has: page.getByText(label, { exact: true }) });
export const behind = (page, label) => page.getByRole("main").getByRole("link", { name: label, exact: true });
export const runSync = (page) => button(page, "Run sync");
export const confirmAndRun = (page) => button(page, "Confirm the settings and run sync");
export const giveUp = (page) => button(page, "Give up the new settings");
export const inForce = (page) => page.locator("#preset-in-force");
export const deletions = (page, number) => page.getByRole("textbox", { name: `Type ${number} to delete` });

// Overview.
export const begin = (page) => link(page, "Get started");
export const pill = (page, label) => page.getByRole("button", { name: label, exact: true });
export const explanation = (page) => page.locator("#status-explanation");
export const card = (page, label) => page.getByRole("listitem").filter({ has: heading(page, label) });
export const progress = (page) => page.getByRole("progressbar");
export const bars = (page) => page.getByRole("list", { name: "Sync history" }).getByRole("button");
export const syncNow = (page) => button(page, "Sync now");
export const fullResync = (page) => button(page, "Full resync");
export const editMappings = (page) => link(page, "Edit mappings");
export const seeWho = (page) => link(page, "Review");
export const approve = (page, what) => button(page, `${what}, and run sync`);
export const trouble = (page) => page.locator("#trouble");
export const notSynced = (page) => page.locator("#not-synced");
export const undoRun = (page) => link(page, "Undo a run");
export const undoOf = (page) => page.getByRole("main").getByRole("button", { name: /^Undo the run of/ });
export const undo = (page, what) => button(page, `${what}, and undo the run`);
export const leaveIt = (page) => link(page, "Leave it and edit the settings");

// Disconnect.
export const disconnectLink = (page) => link(page, "Disconnect");
export const disconnectButton = (page) => button(page, "Disconnect");
export const confirmation = (page) => page.getByRole("textbox", { name: "Type DISCONNECT to confirm" });
export const connectAgain = (page) => link(page, "Connect again");
