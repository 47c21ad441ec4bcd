/* Proposals in the composer: put into the field on a click, and taken back by the next one. */
(function () {
  "use strict";

  // The field that is named; else the text on the open tab, that of all accounts or that of one.
  document.addEventListener("htmx:configRequest", function (event) {
    var asking = event.target.closest("[data-proposal-for]");
    if (!asking || asking.dataset.proposalFor) return;
    var form = event.target.closest("form");
    var field = form.querySelector("[role=tabpanel]:not([hidden]) .sh-text-input");
    event.detail.parameters.field = field ? field.name : "text";
  });

  document.addEventListener("click", function (event) {
    var box = event.target.closest("[data-proposal]");
    if (!box) return;
    if (event.target.closest("[data-proposal-close]")) close(box);
    var take = event.target.closest("[data-proposal-take]");
    if (take) swap(box, take);
  });

  function fieldOf(box) {
    return box.closest("form").elements.namedItem(box.dataset.field);
  }

  // What stands in the field is kept in the box and comes back with the next click.
  function swap(box, button) {
    var field = fieldOf(box);
    if (!field) return;
    var taken = button.hasAttribute("data-taken");
    var next = taken ? button.kept : button.again || box.querySelector("[data-proposal-text]").textContent;
    if (taken) button.again = field.value;
    else button.kept = field.value;
    field.value = next;
    button.toggleAttribute("data-taken", !taken);
    button.classList.toggle("sh-button--primary", taken);
    button.textContent = taken ? button.dataset.redo : button.dataset.undo;
    box.querySelector("[data-proposal-done]").hidden = taken;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function close(box) {
    var field = box.dataset.field ? fieldOf(box) : document.getElementById("composer-text");
    box.remove();
    if (field) field.focus();
  }
})();
