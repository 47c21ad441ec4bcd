/* The composer: tabs per account, order of pictures, and typed text that is never lost.
   Counting and previews come from the server over HTMX; saving works without this file. */
(function () {
  "use strict";

  // The shell writes a chosen file's name into a text field beside it, and stumbles without one.
  all(document, "#composer-files").forEach(function (input) { input.hasChangeListener = true; });

  document.addEventListener("submit", function (event) {
    var asked = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (asked && !window.confirm(asked)) event.preventDefault();
  }, true);

  // A panel with data-sh-apart has fields of its own: typing there changes nothing of the post.
  document.addEventListener("htmx:load", function (event) {
    all(event.target, "[data-sh-apart]").concat(event.target).forEach(function (part) {
      if (!part.matches("[data-sh-apart]")) return;
      ["input", "change"].forEach(function (name) {
        part.addEventListener(name, function (typed) { typed.stopPropagation(); });
      });
    });
  });

  document.addEventListener("DOMContentLoaded", function () {
    var form = document.getElementById("composer");
    if (form) composer(form);
    document.querySelectorAll("[data-copy]").forEach(copying);
  });

  function all(root, selector) {
    return Array.prototype.slice.call(root.querySelectorAll(selector));
  }

  function composer(form) {
    form.classList.add("is-live");
    // As above, for what panels bring later.
    HTMLInputElement.prototype.hasChangeListener = true;
    tabs(form);
    pictures(form);
    inserting(form);
    adding(form);
    keyboard(form);
    time(form);
    keep(form);
  }

  function redraw(form) {
    form.dispatchEvent(new CustomEvent("composer:changed", { bubbles: true }));
  }

  // -- tabs ---------------------------------------------------------------------
  function tabs(form) {
    var list = form.querySelector("[role=tablist]");
    var buttons = all(list, "[role=tab]");

    function select(tab) {
      buttons.forEach(function (button) {
        var on = button === tab;
        button.setAttribute("aria-selected", on ? "true" : "false");
        button.tabIndex = on ? 0 : -1;
        document.getElementById(button.getAttribute("aria-controls")).hidden = !on;
      });
    }

    function refresh() {
      var shown = 0;
      all(form, "[data-account]").forEach(function (box) {
        var tab = list.querySelector("[data-tab-of='" + box.dataset.account + "']");
        var own = document.getElementById("override-" + box.dataset.account);
        tab.hidden = !box.checked;
        tab.querySelector(".sh-differs").hidden = !own.value.trim();
        if (box.checked) shown += 1;
        if (!box.checked && tab.getAttribute("aria-selected") === "true") select(buttons[0]);
      });
      list.hidden = shown === 0;
    }

    buttons.forEach(function (button) {
      button.addEventListener("click", function () { select(button); });
    });
    list.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      var open = buttons.filter(function (button) { return !button.hidden; });
      var next = open[(open.indexOf(document.activeElement) + step + open.length) % open.length];
      select(next);
      next.focus();
      event.preventDefault();
    });
    form.addEventListener("input", refresh);
    form.addEventListener("change", refresh);
    form.addEventListener("click", function (event) {
      var take = event.target.closest("[data-take-common]");
      var clear = event.target.closest("[data-clear]");
      if (!take && !clear) return;
      var own = document.getElementById("override-" + (take ? take.dataset.takeCommon : clear.dataset.clear));
      own.value = take ? document.getElementById("composer-text").value : "";
      own.focus();
      own.dispatchEvent(new Event("input", { bubbles: true }));
    });
    select(buttons[0]);
    refresh();
  }

  // -- pictures ------------------------------------------------------------------
  function pictures(form) {
    var list = document.getElementById("composer-pictures");
    var files = document.getElementById("composer-files");

    list.addEventListener("click", function (event) {
      var row = event.target.closest(".sh-media");
      var move = event.target.closest("[data-media-move]");
      if (event.target.closest("[data-media-remove]")) {
        row.remove();
        if (files) files.focus();
      } else if (move) {
        var up = move.dataset.mediaMove === "-1";
        var other = up ? row.previousElementSibling : row.nextElementSibling;
        if (!other) return;
        list.insertBefore(row, up ? other : other.nextElementSibling);
        move.focus();
      } else {
        return;
      }
      redraw(form);
    });
    if (!files) return;
    files.addEventListener("htmx:beforeRequest", function () {
      all(list, ".sh-error").forEach(function (old) { old.remove(); });
    });
    files.addEventListener("htmx:afterRequest", function (event) {
      // They are stored now; sent again with the form they would be there twice.
      if (event.detail.successful) files.value = "";
      redraw(form);
    });
  }

  // -- what panels of other apps insert: a button with data-insert-text, -link, -name and -value ----
  function inserting(form) {
    // The field that was written in last; one of an account, or the common text.
    var target = document.getElementById("composer-text");
    form.addEventListener("focusin", function (event) {
      if (event.target.classList.contains("sh-text-input")) target = event.target;
    });
    form.addEventListener("click", function (event) {
      var button = event.target.closest("[data-insert-text]");
      if (!button) return;
      var link = document.getElementById("composer-link");
      var gap = target.value && !/\n\s*$/.test(target.value.slice(0, target.selectionStart)) ? "\n\n" : "";
      target.setRangeText(gap + button.dataset.insertText, target.selectionStart, target.selectionEnd, "end");
      if (button.dataset.insertLink && !link.value) link.value = button.dataset.insertLink;
      if (button.dataset.insertName) {
        var note = document.createElement("input");
        note.type = "hidden";
        note.name = button.dataset.insertName;
        note.value = button.dataset.insertValue;
        form.append(note);
      }
      var box = button.closest("details");
      if (box) box.open = false;
      target.focus();
      target.dispatchEvent(new Event("input", { bubbles: true }));
      redraw(form);
    });
  }

  // -- pictures that panels of other apps made: the event "sh:picture-made" with {media: id} ----
  function adding(form) {
    var list = document.getElementById("composer-pictures");
    form.addEventListener("sh:picture-made", function (event) {
      var id = String(event.detail.media);
      var there = all(list, "input[name=media]").some(function (input) { return input.value === id; });
      if (there) return;
      var asked = htmx.ajax("GET", form.dataset.picture + "?media=" + id, { target: list, swap: "beforeend" });
      asked.then(function () { redraw(form); });
    });
  }

  // -- keyboard and time ----------------------------------------------------------
  function keyboard(form) {
    form.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      var save = form.querySelector("[data-save]");
      if (!save) return;
      event.preventDefault();
      form.requestSubmit(save);
    });
  }

  function time(form) {
    var due = document.getElementById("composer-due");
    if (!due) return;
    due.addEventListener("input", function () {
      document.getElementById("when-at").checked = true;
    });
  }

  // -- what was typed is kept in this browser until the server has it -----------------
  function keep(form) {
    var prefix = "socialhub:composer:";
    var key = prefix + location.pathname;
    var state = document.getElementById("composer-saved");
    var fields = ["text", "link"];
    var dirty = false;
    var sent = false;

    function values() {
      var found = {};
      all(form, "textarea[name], input[name=link]").forEach(function (field) {
        if (fields.indexOf(field.name) >= 0 || field.name.indexOf("override_") === 0) found[field.name] = field.value;
      });
      return found;
    }

    function store() {
      try { localStorage.setItem(key, JSON.stringify({ at: form.dataset.stored, values: values() })); } catch (error) { /* full or forbidden: the page still works */ }
    }

    function drop() {
      try { localStorage.removeItem(key); } catch (error) { /* as above */ }
    }

    function offer(kept) {
      var note = document.createElement("div");
      note.className = "sh-note sh-note--amber";
      note.append(form.dataset.restore, " ");
      [["restoreYes", true], ["restoreNo", false]].forEach(function (pair) {
        var button = document.createElement("button");
        button.type = "button";
        button.className = "sh-button";
        button.textContent = form.dataset[pair[0]];
        button.addEventListener("click", function () {
          if (pair[1]) {
            Object.keys(kept.values).forEach(function (name) {
              var field = form.elements.namedItem(name);
              if (field) field.value = kept.values[name];
            });
            form.dispatchEvent(new Event("input", { bubbles: true }));
          } else {
            drop();
          }
          note.remove();
        });
        note.append(button);
      });
      form.before(note);
    }

    // Sent from another composer page, and now this one is here: the server has it.
    try {
      var from = sessionStorage.getItem(prefix + "sent");
      if (from && from !== location.pathname) localStorage.removeItem(prefix + from);
      sessionStorage.removeItem(prefix + "sent");
    } catch (error) { /* as above */ }

    var before = JSON.stringify(values());
    var kept = null;
    try { kept = JSON.parse(localStorage.getItem(key)); } catch (error) { kept = null; }
    // The same stored version as then: whatever was sent never arrived. A newer one: it did.
    if (kept && kept.at === form.dataset.stored && JSON.stringify(kept.values) !== before) offer(kept);
    else drop();

    form.addEventListener("input", function (event) {
      if (!event.target.name || event.target.name === "when") return;
      dirty = true;
      state.textContent = state.dataset.changed;
      store();
    });
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      sent = true;
      try { sessionStorage.setItem(prefix + "sent", location.pathname); } catch (error) { /* as above */ }
    });
    window.addEventListener("beforeunload", function (event) {
      if (dirty && !sent) event.preventDefault();
    });
  }

  // -- copying what a form shows ------------------------------------------------------
  function copying(button) {
    var field = document.getElementById(button.dataset.copy);
    // Only now does the button do something.
    button.parentNode.classList.add("is-live");
    button.addEventListener("click", function () {
      field.select();
      // Without https a browser has no clipboard; what is selected can be copied by hand.
      var done = navigator.clipboard
        ? navigator.clipboard.writeText(field.value)
        : Promise.resolve(document.execCommand("copy"));
      done.then(function () { window.SocialHub.say("success", button.dataset.copied); }, function () {});
    });
  }
})();
