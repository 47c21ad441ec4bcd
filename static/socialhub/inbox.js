// The inbox: says "I am answering" while somebody types, and keeps list and conversation in step.
(() => {
  "use strict";
  const EVERY = 20000;
  let told = 0;
  let told_of = "";

  document.addEventListener("input", (event) => {
    if (event.target.id !== "sh-reply-text") return;
    const mark = document.getElementById("sh-answering");
    if (!mark) return;
    const now = Date.now();
    if (mark.dataset.url === told_of && now - told < EVERY) return;
    told = now;
    told_of = mark.dataset.url;
    htmx.ajax("POST", mark.dataset.url, { source: mark, target: mark, swap: "outerHTML" });
  });

  // Which comment is open, in the list and, on a narrow screen, in place of the list.
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-inbox-row]");
    if (!row) return;
    document.querySelectorAll("[data-inbox-row][aria-current]").forEach((r) => r.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "sh-thread" && event.detail.elt.id !== "sh-thread") return;
    document.getElementById("sh-inbox")?.classList.toggle("is-open", Boolean(document.querySelector(".sh-talk")));
    if (window.matchMedia("(max-width: 899px)").matches) window.scrollTo(0, 0);
  });

  // With room for three columns the conversation is not left empty.
  document.addEventListener("DOMContentLoaded", () => {
    if (document.querySelector(".sh-talk") || window.matchMedia("(max-width: 899px)").matches) return;
    document.querySelector("[data-inbox-row]")?.click();
  });

  // Up and down walk through the list.
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-inbox-row]");
    if (!row || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const rows = [...document.querySelectorAll("[data-inbox-row]")];
    rows[rows.indexOf(row) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    event.preventDefault();
  });
})();
