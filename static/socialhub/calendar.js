// The calendar: move a publication by drag or by keyboard, start a post with a click.
// Times are wall-clock strings ("2026-11-25T09:30"); the server knows the zone and decides.
(() => {
  "use strict";
  let held = null; // {chip, home, next, from, at} while a chip is picked up by keyboard

  const root = () => document.getElementById("sh-calendar");
  const say = (text) => { const p = document.getElementById("sh-calendar-said"); if (p) p.textContent = text; };

  // Plain wall-clock arithmetic; UTC keeps the browser's own zone out of it.
  const shifted = (at, days, hours) => {
    const moved = new Date(at + ":00Z");
    moved.setUTCDate(moved.getUTCDate() + days);
    moved.setUTCHours(moved.getUTCHours() + hours);
    return moved.toISOString().slice(0, 16);
  };

  const cellOf = (at) => root().querySelector(`[data-hour="${at.slice(0, 13)}:00"]`)
    || root().querySelector(`[data-day="${at.slice(0, 10)}"]`);

  const readable = (at) => new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: "UTC",
  }).format(new Date(at + ":00Z"));

  async function send(chip, at, home_cell, next) {
    const home = root();
    const token = home.querySelector("[name=csrfmiddlewaretoken]").value;
    const asked = Object.fromEntries(new URLSearchParams(location.search));
    const lost = home.dataset.saidLost;
    chip.classList.add("is-sending");
    try {
      await htmx.ajax("POST", home.dataset.moveUrl, {
        target: "#sh-calendar",
        swap: "outerHTML",
        values: { ...asked, view: home.dataset.view, publication: chip.dataset.chip, to: at, csrfmiddlewaretoken: token },
      });
    } catch {
      // No answer at all; below, the chip that is still there tells of every kind of failure.
    }
    if (chip.isConnected) {
      chip.classList.remove("is-sending", "is-held");
      home_cell.insertBefore(chip, next && next.parentNode === home_cell ? next : null);
      chip.querySelector("[data-chip-time]").textContent = chip.dataset.at.slice(11);
      SocialHub.say("error", lost);
    }
    document.getElementById(chip.id)?.focus();
  }

  // -- keyboard -----------------------------------------------------------------
  function pickUp(chip) {
    held = { chip, home: chip.parentNode, next: chip.nextSibling, from: chip.dataset.at, at: chip.dataset.at };
    chip.classList.add("is-held");
    say(root().dataset.saidPick);
  }

  function putBack() {
    const { chip, home, next, from } = held;
    held = null;
    chip.classList.remove("is-held");
    home.insertBefore(chip, next && next.parentNode === home ? next : null);
    chip.querySelector("[data-chip-time]").textContent = from.slice(11);
    chip.focus();
  }

  function moveHeld(days, hours) {
    held.at = shifted(held.at, days, hours);
    const cell = cellOf(held.at);
    if (cell && cell !== held.chip.parentNode) {
      cell.append(held.chip);
      held.chip.scrollIntoView({ block: "nearest" });
    }
    held.chip.querySelector("[data-chip-time]").textContent = held.at.slice(11);
    held.chip.focus();
    say(`${root().dataset.saidTo} ${readable(held.at)}`);
  }

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  document.addEventListener("keydown", (event) => {
    const chip = event.target.closest?.("#sh-calendar [data-chip]");
    if (!chip || event.ctrlKey || event.metaKey || event.altKey) return;
    if (held && held.chip === chip) {
      if (event.key in STEPS) moveHeld(...STEPS[event.key]);
      else if (event.key === "Enter") {
        const { at, from, home, next } = held;
        if (at === from) { putBack(); } else { held = null; chip.classList.remove("is-held"); send(chip, at, home, next); }
      } else if (event.key === "Escape" || event.key === " ") { putBack(); say(root().dataset.saidBack); }
      else return;
      event.preventDefault();
    } else if (event.key === " " && "movable" in chip.dataset) {
      event.preventDefault();
      pickUp(chip);
    } else if (event.key === "ArrowDown" || event.key === "ArrowRight" || event.key === "ArrowUp" || event.key === "ArrowLeft") {
      const chips = [...root().querySelectorAll("[data-chip]")];
      const step = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : -1;
      chips[chips.indexOf(chip) + step]?.focus();
      event.preventDefault();
    }
  });

  // A picked up chip that loses the focus (Tab, a click elsewhere) goes home. Moving it in the
  // page also takes the focus away for a moment; it has it again before this runs.
  document.addEventListener("focusout", () => setTimeout(() => {
    if (held && document.activeElement !== held.chip) { const { chip } = held; putBack(); chip.blur(); }
  }));

  // -- drag ---------------------------------------------------------------------
  const target = (event) => event.target.closest?.("#sh-calendar [data-hour]:not(.is-skipped), #sh-calendar [data-day]");

  document.addEventListener("dragstart", (event) => {
    const chip = event.target.closest?.("[data-movable]");
    if (!chip) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", chip.id);
    chip.classList.add("is-held");
  });
  document.addEventListener("dragend", () => {
    document.querySelectorAll(".is-held, .is-over").forEach((e) => e.classList.remove("is-held", "is-over"));
  });
  document.addEventListener("dragover", (event) => {
    const cell = target(event);
    document.querySelectorAll(".is-over").forEach((e) => e !== cell && e.classList.remove("is-over"));
    if (!cell) return;
    event.preventDefault();
    cell.classList.add("is-over");
  });
  document.addEventListener("drop", (event) => {
    const cell = target(event);
    const chip = document.getElementById(event.dataTransfer.getData("text/plain"));
    if (!cell || !chip) return;
    event.preventDefault();
    // A day keeps the time of day, an hour keeps the minutes.
    const at = cell.dataset.hour ? cell.dataset.hour.slice(0, 14) + chip.dataset.at.slice(14) : cell.dataset.day + chip.dataset.at.slice(10);
    if (at === chip.dataset.at) return;
    const home = chip.parentNode;
    const next = chip.nextSibling;
    cell.append(chip);
    send(chip, at, home, next);
  });

  // -- a click on a free place ----------------------------------------------------
  document.addEventListener("click", (event) => {
    if (event.target.closest("a, button")) return;
    const cell = event.target.closest("#sh-calendar [data-new]");
    if (cell) location.assign(cell.dataset.new);
  });

  // The working day is in view first.
  function scrollToMorning() {
    const week = document.querySelector(".sh-week");
    const row = week?.querySelector("[data-hour-row='7']");
    if (row && week.scrollHeight > week.clientHeight) week.scrollTop = row.offsetTop - week.querySelector(".sh-week-head").offsetHeight;
  }
  document.addEventListener("DOMContentLoaded", scrollToMorning);
  let scrolled = 0;
  document.addEventListener("htmx:beforeSwap", () => { scrolled = document.querySelector(".sh-week")?.scrollTop ?? 0; });
  document.addEventListener("htmx:afterSwap", () => {
    const week = document.querySelector(".sh-week");
    if (!week) return;
    if (scrolled) week.scrollTop = scrolled; else scrollToMorning();
  });
})();
