// Lead pages: a choice shows at once, and a panel that cannot be read says so.
(() => {
  "use strict";

  document.addEventListener("change", (event) => {
    event.target.closest("form[data-crm-choose]")?.requestSubmit();
  });

  function failed(event) {
    const panel = event.detail.elt?.closest?.(".an-panel");
    const shown = document.getElementById("an-failed");
    if (!panel || !shown || event.detail.elt !== panel) return;
    event.stopImmediatePropagation();
    panel.removeAttribute("aria-busy");
    panel.querySelector(".an-body").replaceChildren(shown.content.cloneNode(true));
  }
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, failed, true);
  }
  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-an-again]")?.closest(".an-panel");
    if (panel) htmx.ajax("GET", panel.getAttribute("hx-get"), { source: panel, target: panel, swap: "outerHTML" });
  });
})();
