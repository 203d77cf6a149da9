// Keeps a page fresh, and tells times in the viewer's zone. Everything else works without it.
"use strict";

// Times: the server writes UTC; here they are told in the viewer's own zone and language.
const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const tellTimes = (within) => {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = time.textContent;
      time.textContent = zoned.format(at);
    }
  }
};

// Progress: the same sentences as the server's.
const count = (number) => number.toLocaleString("en-US");
const sentence = (progress) => {
  if (progress.stopping) return "Stopping after this page…";
  if (progress.queued) return "Waiting for other workspaces…";
  if (progress.total !== null && progress.total !== undefined) {
    return `${progress.phase}: ${count(progress.done)} of about ${count(progress.total)} people`;
  }
  if (progress.done > 0) {
    return `${progress.phase}: ${progress.done === 1 ? "1 person" : `${count(progress.done)} people`}`;
  }
  return `${progress.phase}…`;
};
const showProgress = (progress) => {
  const text = document.getElementById("progress-text");
  const bar = document.getElementById("progress-bar");
  if (!text || !bar) return false;
  text.textContent = sentence(progress);
  if (progress.total) {
    bar.max = progress.total;
    bar.value = progress.done;
  } else {
    bar.removeAttribute("value");
  }
  return true;
};

// Live part: what has the focus keeps it, what was opened stays open.
const place = (element) => {
  if (!element || !element.closest("#live")) return null;
  if (element.id) return { id: element.id };
  if (element.dataset.run) return { run: element.dataset.run };
  const same = [...document.querySelectorAll("#live a, #live button, #live summary")];
  return { index: same.indexOf(element), text: element.textContent };
};
const refocus = (was) => {
  if (!was) return;
  let element = null;
  if (was.id) element = document.getElementById(was.id);
  else if (was.run) element = document.querySelector(`#live a[data-run="${was.run}"]`);
  else {
    const same = [...document.querySelectorAll("#live a, #live button, #live summary")];
    element = same.find((one) => one.textContent === was.text) || same[was.index];
  }
  if (element) element.focus({ preventScroll: true });
};
let refreshing = false;
let again = false;
const refresh = async (live) => {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  try {
    const answer = await fetch(live.dataset.live, { headers: { accept: "text/html" } });
    if (answer.status === 401) location.reload();
    if (answer.ok) {
      const was = place(document.activeElement);
      const shown = live.querySelector(".breakdown[data-shown]");
      const last = live.querySelectorAll("a[data-run]").length - 1;
      const chosen = shown && shown.id !== `run-${last}` ? shown.id : null;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      tellTimes(next);
      live.replaceChildren(...next.body.childNodes);
      if (chosen) show(document.getElementById(chosen));
      refocus(was);
    }
  } finally {
    refreshing = false;
    if (again) {
      again = false;
      refresh(live);
    }
  }
};

// History: hovering, focusing or tapping a bar opens its breakdown; arrow keys walk along the bars.
const show = (breakdown) => {
  if (!breakdown) return;
  for (const other of document.querySelectorAll(".breakdown")) {
    if (other === breakdown) other.dataset.shown = "yes";
    else delete other.dataset.shown;
  }
  for (const bar of document.querySelectorAll("a[data-run]")) {
    const own = breakdown.id === `run-${bar.dataset.run}`;
    bar.tabIndex = own ? 0 : -1;
    if (own) bar.setAttribute("aria-current", "true");
    else bar.removeAttribute("aria-current");
  }
};
const barOf = (event) => event.target.closest && event.target.closest("a[data-run]");
const opened = (event) => {
  const bar = barOf(event);
  if (bar) show(document.getElementById(`run-${bar.dataset.run}`));
};
document.addEventListener("pointerover", opened);
document.addEventListener("focusin", opened);
document.addEventListener("click", (event) => {
  if (barOf(event)) {
    opened(event);
    event.preventDefault();
  }
});
document.addEventListener("keydown", (event) => {
  const tip = document.querySelector(".tip:hover, .tip:focus-within");
  if (event.key === "Escape" && tip) tip.classList.add("dismissed");
  const bar = barOf(event);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (bar && step) {
    const next = document.querySelector(`a[data-run="${Number(bar.dataset.run) + step}"]`);
    if (next) next.focus();
    event.preventDefault();
  }
});
for (const kind of ["pointerout", "focusout"]) {
  document.addEventListener(kind, (event) => {
    const tip = event.target.closest && event.target.closest(".tip.dismissed");
    if (tip && !tip.contains(event.relatedTarget)) tip.classList.remove("dismissed");
  });
}

// Mapping: a choice shows its sample at once.
document.addEventListener("change", (event) => {
  const select = event.target;
  const hint = select.closest && select.closest(".map-row") && select.getAttribute("aria-describedby");
  if (!hint || !select.name.endsWith(".attribute")) return;
  const told = document.getElementById(hint.split(" ")[0]);
  const sample = select.selectedOptions[0]?.dataset.sample;
  if (!told) return;
  told.textContent = sample ? `For example “${sample}”` : select.value ? "No sample: nobody among the first people has it" : "Nothing chosen yet";
});

// A form that is on its way is not sent again by an impatient second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

tellTimes(document);
document.querySelector("[data-focus]")?.focus();

const watched = document.querySelector("[data-events]");
if (watched) {
  const events = new EventSource(watched.dataset.events);
  let connected = false;
  const fresh = () => {
    if (watched.dataset.live) refresh(watched);
    else location.reload();
  };
  events.addEventListener("open", () => {
    // What happened while the connection was lost was not told.
    if (connected) fresh();
    connected = true;
  });
  events.addEventListener("changed", fresh);
  events.addEventListener("progress", (event) => {
    if (!showProgress(JSON.parse(event.data))) fresh();
  });
}
