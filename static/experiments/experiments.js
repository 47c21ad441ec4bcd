// A/B tests: what a slider says, and pictures of variants.
(() => {
  "use strict";

  // "+% %" with 20 is "+20 %".
  function say(range) {
    const output = document.querySelector(`output[for="${range.id}"]`);
    if (output) output.textContent = range.dataset.abRange.replace("%", range.value);
  }
  function sayAll(root) {
    root.querySelectorAll("[data-ab-range]").forEach(say);
  }

  // The shell writes a chosen file's name into a text field beside it, and stumbles without one.
  function tame(root) {
    root.querySelectorAll(".ab-files").forEach((input) => { input.hasChangeListener = true; });
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-ab-range]")) say(event.target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ab-remove]");
    if (!button) return;
    const form = button.closest("form");
    const files = button.closest(".sh-field:has(.ab-files)")?.querySelector(".ab-files");
    button.closest(".sh-media").remove();
    files?.focus();
    form.dispatchEvent(new CustomEvent("ab:changed", { bubbles: true }));
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    // A picture of the library counts as well.
    if (event.target.closest?.(".ab-library")) {
      event.target.closest("form").dispatchEvent(new CustomEvent("ab:changed", { bubbles: true }));
    }
    // They are stored now; sent again with the form they would be there twice.
    if (event.target.matches?.(".ab-files") && event.detail.successful) event.target.value = "";
  });

  // One more variant: the cursor goes where one writes next.
  document.addEventListener("htmx:afterSwap", (event) => {
    tame(document);
    if (event.detail.target?.id !== "ab-variants") return;
    const texts = document.querySelectorAll("#ab-variants .sh-text-input");
    texts[texts.length - 1]?.focus();
  });

  document.addEventListener("DOMContentLoaded", () => { sayAll(document); tame(document); });
})();
