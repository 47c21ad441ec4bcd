// Every page of the desk: messages, shortcuts, calm polling. No inline scripts anywhere.
(() => {
  "use strict";

  // -- messages -----------------------------------------------------------------
  function place() {
    let box = document.getElementById("sh-toasts");
    if (!box) {
      box = document.createElement("div");
      box.id = "sh-toasts";
      box.setAttribute("role", "status");
      box.setAttribute("aria-live", "polite");
      document.body.append(box);
    }
    return box;
  }

  function say(level, text) {
    const toast = document.createElement("div");
    const words = document.createElement("p");
    const close = document.createElement("button");
    toast.className = `sh-toast sh-toast--${level}`;
    words.textContent = text;
    close.className = "sh-button sh-button--quiet";
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", "×");
    close.addEventListener("click", () => toast.remove());
    toast.append(words, close);
    place().append(toast);
    // What went wrong stays until it is read.
    if (level !== "error") setTimeout(() => toast.remove(), 6000);
  }
  window.SocialHub = { say };

  document.addEventListener("sh:say", (event) => {
    for (const message of event.detail.messages) say(message.level, message.text);
  });
  document.addEventListener("htmx:responseError", (event) => {
    say("error", `${event.detail.xhr.status} ${event.detail.xhr.statusText}`);
  });

  // -- HTMX ---------------------------------------------------------------------
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (token) event.detail.headers["X-CSRFToken"] = token[1];
  });

  // A part that refreshes itself waits while nobody looks, and while somebody is at work in it.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const part = event.detail.elt;
    if (!("shPoll" in part.dataset) || event.detail.requestConfig.verb !== "get") return;
    const busy = part.contains(document.activeElement) && document.activeElement !== document.body;
    if (document.hidden || busy) event.preventDefault();
  });

  // After a swap took the focused button away, the next one of the same kind gets the focus.
  const ITEM = ".sh-need, [data-sh-item]";
  let place_of_focus = null;
  document.addEventListener("htmx:configRequest", (event) => {
    // Before the request, since a button that is disabled meanwhile loses the focus.
    const item = event.detail.elt.closest(ITEM);
    if (item) place_of_focus = [...document.querySelectorAll(ITEM)].indexOf(item);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (place_of_focus === null || document.activeElement !== document.body) return;
    const items = document.querySelectorAll(ITEM);
    const next = items[Math.min(place_of_focus, items.length - 1)];
    (next?.querySelector("button, a.sh-button") || next?.querySelector("a"))?.focus();
    place_of_focus = null;
  });

  // -- questions before what cannot be undone -------------------------------------
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.shConfirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // -- shortcuts ------------------------------------------------------------------
  const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable], trix-editor");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      const form = event.target.closest?.("form[data-sh-ctrl-enter]");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      const box = document.getElementById("searchbar");
      if (box) box.focus(); else window.dispatchEvent(new CustomEvent("opencommand"));
      return;
    }
    const link = /^[a-z]$/.test(event.key) && document.querySelector(`a[data-sh-key="${event.key}"]`);
    if (link) { event.preventDefault(); link.click(); }
  });
})();
