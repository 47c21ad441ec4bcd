/* The template editor: code with line numbers, snippets, rows of fields and sizes.
   The picture comes from the server over HTMX; saving works without this file. */
(function () {
  "use strict";

  // The shell writes a chosen file's name into a text field beside it, and stumbles without one.
  HTMLInputElement.prototype.hasChangeListener = true;

  function all(root, selector) {
    return Array.prototype.slice.call(root.querySelectorAll(selector));
  }

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.getElementById("tpl-form");
    if (form) editor(form);
    all(document, ".tpl-live-form").forEach(function (other) { other.classList.add("is-live"); });
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-tpl-all]");
    if (!button) return;
    all(document, button.dataset.tplAll + " [type=checkbox]").forEach(function (box) { box.checked = true; });
  });

  function editor(form) {
    form.classList.add("is-live");
    all(form, ".tpl-source").forEach(code);
    tabs(form);
    rows(form);
    snippets(form);
    problems(form);
    samples(form);
    warn(form);
  }

  function changed(form) {
    form.dispatchEvent(new CustomEvent("tpl:changed", { bubbles: true }));
  }

  // -- code -----------------------------------------------------------------------
  function code(area) {
    var gutter = area.parentNode.querySelector(".tpl-gutter");
    var lines = 0;
    // Esc, then Tab leaves the code, as a keyboard user needs it.
    var leaving = false;

    function number() {
      var now = area.value.split("\n").length;
      if (now === lines) return;
      lines = now;
      gutter.textContent = Array.from({ length: lines }, function (_, at) { return at + 1; }).join("\n");
    }

    area.addEventListener("input", number);
    area.addEventListener("scroll", function () { gutter.scrollTop = area.scrollTop; });
    area.addEventListener("blur", function () { leaving = false; });
    area.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        leaving = true;
      } else if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey && !area.disabled) {
        event.preventDefault();
        indent(area, event.shiftKey);
      } else if (event.key !== "Shift" && event.key !== "Tab") {
        leaving = false;
      }
    });
    number();
  }

  function indent(area, back) {
    var start = area.selectionStart, end = area.selectionEnd, text = area.value;
    var first = text.lastIndexOf("\n", start - 1) + 1;
    if (start === end && !back) {
      area.setRangeText("  ", start, end, "end");
    } else {
      var block = text.slice(first, end);
      var moved = back ? block.replace(/^ {1,2}/gm, "") : block.replace(/^/gm, "  ");
      area.setRangeText(moved, first, end, "select");
    }
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function tabs(form) {
    var list = form.querySelector(".tpl-tabs");
    var buttons = all(list, "[role=tab]");
    buttons.forEach(function (button) {
      button.addEventListener("click", function () { select(button); });
    });
    list.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      var next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
      select(next);
      next.focus();
      event.preventDefault();
    });
    function select(tab) {
      buttons.forEach(function (button) {
        var on = button === tab;
        button.setAttribute("aria-selected", on ? "true" : "false");
        button.tabIndex = on ? 0 : -1;
        document.getElementById(button.getAttribute("aria-controls")).hidden = !on;
      });
    }
    select(buttons[0]);
    form.tplShow = function (where) { select(document.getElementById("tpl-tab-" + where)); };
  }

  // -- rows of fields and sizes --------------------------------------------------------
  function rows(form) {
    var next = 1000;
    form.addEventListener("click", function (event) {
      var add = event.target.closest("[data-tpl-add]");
      var remove = event.target.closest("[data-tpl-remove]");
      if (add) {
        var made = document.getElementById("tpl-" + add.dataset.tplAdd + "-template").innerHTML;
        var list = document.getElementById("tpl-" + add.dataset.tplAdd + "s");
        next += 1;
        list.insertAdjacentHTML("beforeend", made.replaceAll("__new__", String(next)));
        list.lastElementChild.querySelector(".sh-input").focus();
      } else if (remove) {
        var button = remove.closest("section, .sh-card").querySelector("[data-tpl-add]");
        remove.closest("[data-tpl-row]").remove();
        button.focus();
      } else {
        return;
      }
      sizes(form);
      changed(form);
    });
    form.addEventListener("input", function (event) {
      if (event.target.closest("#tpl-sizes")) sizes(form);
    });
  }

  function sizes(form) {
    var chosen = document.getElementById("tpl-size");
    var before = chosen.value;
    chosen.textContent = "";
    all(form, "#tpl-sizes [data-tpl-row]").forEach(function (row) {
      var fields = all(row, ".sh-input").map(function (input) { return input.value; });
      if (!fields[0]) return;
      var option = new Option(fields[0] + " " + fields[1] + " × " + fields[2], fields[0]);
      option.selected = fields[0] === before;
      chosen.append(option);
    });
  }

  // -- things to put into the code --------------------------------------------------------
  function snippets(form) {
    var place = document.getElementById("tpl-field-snippets");

    function offer() {
      place.textContent = "";
      all(form, "#tpl-fields [name$='-name']").forEach(function (input) {
        if (!input.value) return;
        var button = document.createElement("button");
        button.type = "button";
        button.className = "tpl-snippet";
        button.dataset.tplSnippet = "{{ " + input.value + " }}";
        button.dataset.tplWhere = "html";
        button.textContent = button.dataset.tplSnippet;
        place.append(button);
      });
    }

    form.addEventListener("click", function (event) {
      var button = event.target.closest("[data-tpl-snippet]");
      if (!button || form.querySelector("fieldset").disabled) return;
      form.tplShow(button.dataset.tplWhere);
      var area = document.getElementById("tpl-" + button.dataset.tplWhere);
      area.setRangeText(button.dataset.tplSnippet, area.selectionStart, area.selectionEnd, "end");
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    form.addEventListener("input", offer);
    form.addEventListener("tpl:changed", offer);
    offer();
  }

  // -- from a problem to its line -----------------------------------------------------------
  function problems(form) {
    form.addEventListener("click", function (event) {
      var button = event.target.closest("[data-tpl-line]");
      if (!button) return;
      var where = button.dataset.tplWhere === "css" ? "css" : "html";
      form.tplShow(where);
      var area = document.getElementById("tpl-" + where);
      var lines = area.value.split("\n");
      var at = Math.min(Number(button.dataset.tplLine), lines.length) - 1;
      var start = lines.slice(0, at).reduce(function (sum, line) { return sum + line.length + 1; }, 0);
      area.focus();
      area.setSelectionRange(start, start + lines[at].length);
      area.scrollTop = Math.max(0, (at - 4) * parseFloat(getComputedStyle(area).lineHeight));
    });
  }

  // -- what is shown in the preview belongs to no template: this tab keeps it over saving ----------
  function samples(form) {
    var key = "socialhub:template:" + location.pathname;
    var last = "socialhub:template:last";

    function areas() {
      var found = {};
      all(form, "#tpl-fields [data-tpl-row]").forEach(function (row) {
        found[row.querySelector("[name$='-name']").value] = row.querySelector("[name$='-sample']");
      });
      return found;
    }

    try {
      var made = /\/add\/$/.test(document.referrer);
      var kept = JSON.parse(sessionStorage.getItem(key) || (made && sessionStorage.getItem(last)) || "{}");
      var shown = areas();
      Object.keys(kept).forEach(function (name) {
        if (shown[name] && !shown[name].value) shown[name].value = kept[name];
      });
    } catch (error) { /* forbidden or broken: the page still works */ }

    form.addEventListener("submit", function () {
      var found = areas(), values = {};
      Object.keys(found).forEach(function (name) { values[name] = found[name].value; });
      try {
        sessionStorage.setItem(key, JSON.stringify(values));
        sessionStorage.setItem(last, JSON.stringify(values));
      } catch (error) { /* as above */ }
    });
  }

  function warn(form) {
    var dirty = false, sent = false;
    form.addEventListener("input", function () { dirty = true; });
    form.addEventListener("tpl:changed", function () { dirty = true; });
    form.addEventListener("submit", function () { sent = true; });
    window.addEventListener("beforeunload", function (event) {
      if (dirty && !sent) event.preventDefault();
    });
  }
})();
