// What the pages do by themselves. Without it everything still works: it adds the viewer's time zone,
// Escape, arrow keys, and pages that keep themselves up to date.
"use strict";

const english = "en-GB";
const moments = new Intl.DateTimeFormat(english, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});
const days = new Intl.DateTimeFormat(english, { day: "numeric", month: "short", year: "numeric" });
const numbers = new Intl.NumberFormat(english);

/** Shows every moment within `place` in the viewer's time zone; UTC stays in its title. */
function localMoments(place) {
  for (const time of place.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || time.title) continue;
    time.title = time.textContent;
    time.textContent = ("day" in time.dataset ? days : moments).format(at);
  }
}

/** One tab stop for a row of buttons: the newest, or the one that was last in focus. */
function oneTabStop(place) {
  for (const row of place.querySelectorAll("[data-roving]")) {
    const buttons = [...row.querySelectorAll("button")];
    const focused = buttons.includes(document.activeElement) ? document.activeElement : buttons.at(-1);
    for (const button of buttons) button.tabIndex = button === focused ? 0 : -1;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelectorAll(".hint:hover, .hint:focus-within");
    for (const hint of open) hint.dataset.dismissed = "";
    return;
  }
  const row = event.target.closest?.("[data-roving]");
  if (!row) return;
  const buttons = [...row.querySelectorAll("button")];
  const at = buttons.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined || !buttons[to]) return;
  event.preventDefault();
  buttons[to].focus();
  oneTabStop(row.parentElement);
});

// What was dismissed may open again once it was left, or is asked for again.
for (const kind of ["mouseover", "focusin", "click"]) {
  document.addEventListener(kind, (event) => {
    for (const hint of document.querySelectorAll("[data-dismissed]")) {
      if (kind === "click" ? hint.contains(event.target) : !hint.contains(event.target)) {
        delete hint.dataset.dismissed;
      }
    }
  });
}

// A form that was sent is not sent again by a second press; going back makes it whole again. The server
// would carry it out once in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent !== undefined) event.preventDefault();
  else form.dataset.sent = "";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
});

// The mapping: the sample of the attribute that is chosen, and the own label only where there is one.
document.addEventListener("change", (event) => {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement)) return;
  const { samples, own } = select.dataset;
  if (samples) {
    const chosen = select.selectedOptions[0];
    const text = chosen?.dataset.sample ? `e.g. ${chosen.dataset.sample}` : "Nobody looked at has a value";
    document.getElementById(samples).textContent = chosen?.value ? text : "";
  }
  if (own) {
    const part = document.getElementById(own);
    part.hidden = select.value !== "";
    if (!part.hidden) part.querySelector("input").focus();
  }
});

/** Keeps `#live` up to date. */
function keepUpToDate(live) {
  const { live: address, events } = live.dataset;
  // What the server last said of each part, before this script touched it. A form's one-time value is
  // left out: it differs each time, and the one that is there has not been used.
  const said = (part) => part.outerHTML.replace(/<input[^>]*name="submission"[^>]*>/g, "");
  const parts = (place) => [...place.querySelectorAll("[data-part]")];
  const known = new Map(parts(live).map((part) => [part.dataset.part, said(part)]));
  let fetching = false;
  let again = false;

  const adopt = (fresh) => {
    const names = (place) => parts(place).map((part) => part.dataset.part).join(" ");
    const focused = document.activeElement?.id;
    const open = [...live.querySelectorAll("details[open][id]")].map((details) => details.id);
    const before = live.querySelector("#status")?.dataset.status;
    const replaced = [];
    if (names(live) === names(fresh)) {
      for (const part of parts(fresh)) {
        const name = part.dataset.part;
        const text = said(part);
        if (known.get(name) === text) continue;
        known.set(name, text);
        live.querySelector(`[data-part="${name}"]`).replaceWith(part);
        replaced.push(part);
      }
    } else {
      known.clear();
      for (const part of parts(fresh)) known.set(part.dataset.part, said(part));
      live.replaceChildren(...fresh.childNodes);
      replaced.push(live);
    }
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    for (const part of replaced) localMoments(part);
    if (focused && document.activeElement?.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
    oneTabStop(live);
    const now = live.querySelector("#status")?.dataset.status;
    const announcement = document.getElementById("announcement");
    if (announcement && now && now !== before) announcement.textContent = now;
  };

  const refresh = async () => {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("live");
        if (fresh) adopt(fresh);
      }
    } catch {
      // The page stays as it is; the next event, or the stream's return, tries again.
    }
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  };

  const move = (progress) => {
    const bar = live.querySelector("#progress progress");
    if (!bar) {
      refresh();
      return;
    }
    if (progress.total == null) {
      bar.removeAttribute("value");
    } else {
      bar.max = Math.max(progress.total, 1);
      bar.value = Math.min(progress.done, progress.total);
    }
    const phase = live.querySelector("#progress-phase");
    const words = progress.stopping
      ? "Stopping after this page"
      : progress.queued ? "Waiting for other workspaces’ runs" : progress.phase;
    if (phase.textContent !== words) phase.textContent = words;
    const done = numbers.format(progress.done);
    const people = progress.total == null
      ? `${done} people so far`
      : `${done} of about ${numbers.format(progress.total)} people`;
    const left = progress.remainingSeconds ?? 0;
    const rest = left === 0 ? ""
      : left <= 90 ? `, at least ${left} seconds left` : `, at least ${Math.ceil(left / 60)} minutes left`;
    live.querySelector("#progress-people").textContent = people + rest;
  };

  let source;
  const listen = () => {
    source = new EventSource(events);
    let opened = false;
    source.addEventListener("open", () => {
      // Much may have been missed between two connections, and the server may be another. What was missed
      // before the first, the stream says.
      if (opened) refresh();
      opened = true;
    });
    source.addEventListener("changed", refresh);
    source.addEventListener("progress", (event) => move(JSON.parse(event.data)));
  };
  listen();
  // A page that is kept for going back would hold its connection open, and come back out of date.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    listen();
    refresh();
  });
}

const live = document.querySelector("#live[data-events]");
if (live) keepUpToDate(live);
localMoments(document);
oneTabStop(document);
