// The recycling board: what was open stays open after a swap, and small helps in its forms.
(() => {
  "use strict";

  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "rc-board") return;
    open = [...document.querySelectorAll("[data-rc-open][open]")].map((each) => each.dataset.rcOpen);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const each of document.querySelectorAll("[data-rc-open]")) {
      if (open.includes(each.dataset.rcOpen)) each.open = true;
    }
  });

  // A time that is typed is the time that is meant.
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-rc-at]")) return;
    const choice = event.target.form.querySelector("input[name=when][value=at]");
    if (choice) choice.checked = true;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.rc-recycle[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.rc-recycle[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();
