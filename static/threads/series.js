// The editor of a series: parts are added, moved and removed in the form; counters and previews
// come from the server over HTMX. Saving and arranging work without this file.
(() => {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("series");
    if (form) editor(form);
  });

  function editor(form) {
    const list = document.getElementById("ts-parts");
    const said = document.getElementById("ts-said");
    const isSortable = "sortable" in list.dataset;
    let next = 0;
    // The part that was written in last.
    let current = null;

    form.classList.add("is-live");
    const cards = () => [...list.children];
    const textOf = (card) => card.querySelector(".sh-text-input");
    const redraw = () => form.dispatchEvent(new CustomEvent("series:changed", { bubbles: true }));
    const fill = (words, values) => Object.entries(values).reduce((text, [name, value]) => text.replace(`%(${name})s`, value), words);

    function tame(root) {
      // The shell writes a chosen file's name into a text field beside it, and stumbles without one.
      root.querySelectorAll(".ts-files").forEach((input) => { input.hasChangeListener = true; });
    }

    function arranged() {
      cards().forEach((card, at) => { card.querySelector(".ts-number").textContent = at + 1; });
      changed();
      redraw();
    }

    // -- what changes the order, and how it is taken back ------------------------------------
    function remember(words) {
      const before = cards();
      const note = document.getElementById("ts-undo");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sh-button sh-end";
      button.textContent = form.dataset.undo;
      button.addEventListener("click", () => {
        const title = note.title_before;
        list.replaceChildren(...before);
        if (title !== undefined) document.getElementById("ts-name").value = title;
        note.hidden = true;
        arranged();
        textOf(before[0])?.focus();
      });
      delete note.title_before;
      note.replaceChildren(words, button);
      note.hidden = false;
      return note;
    }

    function blank() {
      const key = `j${next += 1}`;
      const held = document.createElement("template");
      held.innerHTML = document.getElementById("ts-blank").innerHTML.replaceAll("__key__", key);
      const card = held.content.firstElementChild;
      owns(card);
      tame(card);
      return card;
    }

    function hasRoom(more) {
      if (cards().length + more <= Number(form.dataset.most)) return true;
      window.SocialHub.say("error", form.dataset.tooMany);
      return false;
    }

    function insert(card, before) {
      list.insertBefore(card, before);
      window.htmx.process(card);
    }

    function copy(card) {
      const fresh = blank();
      const [from, to] = [card.dataset.part, fresh.dataset.part];
      card.querySelectorAll("input[name], textarea[name]").forEach((field) => {
        const name = field.name.replace(`part-${from}-`, `part-${to}-`);
        const other = fresh.querySelector(`[name="${name}"]`);
        if (!other || name === "part" || field.type === "file" || name.endsWith("-id")) return;
        if (field.type === "checkbox") other.checked = field.checked; else other.value = field.value;
      });
      const pictures = fresh.querySelector("[data-pictures]");
      card.querySelectorAll(".sh-media").forEach((row) => {
        const twin = row.cloneNode(true);
        twin.querySelectorAll("[name]").forEach((field) => { field.name = field.name.replace(`part-${from}-`, `part-${to}-`); });
        twin.querySelectorAll("[id]").forEach((field) => { field.id = field.id.replace(`alt-${from}-`, `alt-${to}-`); });
        twin.querySelectorAll("[for]").forEach((label) => { label.htmlFor = label.htmlFor.replace(`alt-${from}-`, `alt-${to}-`); });
        const [alt, alt_before] = [twin.querySelector("textarea"), row.querySelector("textarea")];
        alt.value = alt_before.value;
        pictures.append(twin);
      });
      return fresh;
    }

    function move(card, step, focused) {
      const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
      if (!other) return;
      const [start, end] = [focused?.selectionStart, focused?.selectionEnd];
      list.insertBefore(card, step < 0 ? other : other.nextElementSibling);
      arranged();
      // A node that is moved loses the focus.
      focused?.focus();
      if (start !== undefined && start !== null) focused.setSelectionRange(start, end);
      card.scrollIntoView({ block: "nearest" });
      announce(card);
    }

    function announce(card) {
      said.textContent = fill(form.dataset.moved, { to: cards().indexOf(card) + 1, total: cards().length });
    }

    const DO = {
      up: (card, button) => move(card, -1, button),
      down: (card, button) => move(card, 1, button),
      copy: (card) => {
        if (!hasRoom(1)) return;
        const fresh = copy(card);
        insert(fresh, card.nextElementSibling);
        arranged();
        textOf(fresh).focus();
      },
      drop: (card) => {
        const at = cards().indexOf(card);
        remember(form.dataset.removed);
        card.remove();
        arranged();
        const near = cards()[Math.min(at, cards().length - 1)];
        (near ? textOf(near) : form.querySelector("[data-op=add]")).focus();
      },
      add: () => {
        if (!hasRoom(1)) return;
        const fresh = blank();
        insert(fresh, null);
        arranged();
        textOf(fresh).focus();
      },
    };

    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-op]");
      if (!button) return;
      event.preventDefault();
      DO[button.dataset.op](button.closest(".ts-part"), button);
    });

    list.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!isSortable || !step || !event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      move(event.target.closest(".ts-part"), step, event.target);
    });

    // -- dragging ------------------------------------------------------------------------------
    let dragged = null;
    let before = [];
    list.addEventListener("dragstart", (event) => {
      if (!event.target.closest?.(".ts-handle")) return;
      dragged = event.target.closest(".ts-part");
      before = cards();
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(dragged, 16, 16);
      requestAnimationFrame(() => dragged?.classList.add("is-dragged"));
    });
    // Anywhere in the form: the list moves under the pointer while cards make room.
    form.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      const over = event.target.closest?.(".ts-part");
      if (!over || over === dragged) return;
      const box = over.getBoundingClientRect();
      const below = event.clientY > box.top + box.height / 2;
      const place = below ? over.nextElementSibling : over;
      if (place !== dragged && place !== dragged.nextElementSibling) list.insertBefore(dragged, place);
    });
    form.addEventListener("drop", (event) => {
      if (!dragged) return;
      event.preventDefault();
      before = null;
    });
    list.addEventListener("dragend", () => {
      if (!dragged) return;
      const card = dragged;
      dragged = null;
      card.classList.remove("is-dragged");
      // Let go outside the form, or with Escape: everything is where it was.
      if (before) list.replaceChildren(...before);
      arranged();
      announce(card);
    });

    // -- accounts and their texts -------------------------------------------------------------
    function owns(root) {
      form.querySelectorAll("[data-account]").forEach((box) => {
        root.querySelectorAll(`[data-own-of="${box.dataset.account}"]`).forEach((field) => {
          field.hidden = !box.checked && !field.querySelector("textarea").value;
        });
      });
    }
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-account]")) owns(form);
      if (event.target.name === "write-kind") kinds();
    });

    // -- pictures -------------------------------------------------------------------------------
    list.addEventListener("click", (event) => {
      const row = event.target.closest(".sh-media");
      const template = event.target.closest("[data-remove-template]");
      if (event.target.closest("[data-picture-remove]")) {
        const files = row.closest(".ts-part").querySelector(".ts-files");
        row.remove();
        files?.focus();
      } else if (event.target.closest("[data-picture-move]")) {
        if (!row.previousElementSibling) return;
        row.parentElement.insertBefore(row, row.previousElementSibling);
        event.target.closest("button").focus();
      } else if (template) {
        template.closest("[data-template-picture]").remove();
      } else {
        return;
      }
      changed();
      redraw();
    });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (!event.target.matches?.(".ts-files")) return;
      // They are stored now; sent again with the form they would be there twice.
      if (event.detail.successful) event.target.value = "";
      changed();
      redraw();
    });

    // -- what panels of other apps insert: into the part written in last ---------------------------
    form.addEventListener("focusin", (event) => {
      const card = event.target.closest(".ts-part");
      if (card && event.target.matches(".sh-text-input")) current = event.target;
    });
    const target = () => (current?.isConnected && !current.readOnly ? current : textOf(cards().find((card) => !textOf(card).readOnly) || cards()[0]));
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-insert-text]");
      if (!button) return;
      const field = target();
      const gap = field.value && !/\n\s*$/.test(field.value.slice(0, field.selectionStart)) ? "\n\n" : "";
      field.setRangeText(gap + button.dataset.insertText, field.selectionStart, field.selectionEnd, "end");
      const link = field.closest(".ts-part").querySelector("input[type=url]");
      if (button.dataset.insertLink && link && !link.value) link.value = button.dataset.insertLink;
      const box = button.closest("details");
      if (box) box.open = false;
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    // The box of pictures reads the part being written as it would read a post.
    form.addEventListener("htmx:configRequest", (event) => {
      // In addresses these are names of inputs.
      if (event.detail.verb === "get" || !event.target.closest(".tpl-insert")) return;
      const field = target();
      event.detail.parameters.text = field.value;
      event.detail.parameters.link = field.closest(".ts-part").querySelector("input[type=url]")?.value || "";
    });
    form.addEventListener("sh:picture-made", (event) => {
      const card = target().closest(".ts-part");
      const query = `?key=${card.dataset.part}&media=${event.detail.media}`;
      const asked = window.htmx.ajax("GET", form.dataset.picture + query, { target: card.querySelector("[data-pictures]"), swap: "beforeend" });
      Promise.resolve(asked).then(() => { changed(); redraw(); });
    });

    // -- counters, tabs -------------------------------------------------------------------------
    let open = "";
    const live = document.getElementById("ts-live");
    const tabs = () => [...live.querySelectorAll("[role=tab]")];
    function select(tab) {
      tabs().forEach((each) => {
        const on = each === tab;
        each.setAttribute("aria-selected", on ? "true" : "false");
        each.tabIndex = on ? 0 : -1;
        document.getElementById(each.getAttribute("aria-controls")).hidden = !on;
      });
    }
    function drawn() {
      live.querySelectorAll("[data-counts-of]").forEach((counts) => {
        const card = list.querySelector(`[data-part="${counts.dataset.countsOf}"]`);
        card?.querySelector("[data-counts]").replaceChildren(...counts.childNodes);
        counts.remove();
      });
      const found = tabs();
      if (found.length) select(found.find((tab) => tab.id === open) || found[0]);
    }
    live.addEventListener("htmx:afterSwap", drawn);
    live.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      const mode = event.target.closest("[data-mode-of]");
      if (tab) { open = tab.id; select(tab); }
      if (!mode) return;
      const choice = document.getElementById(`ts-mode-${mode.dataset.modeOf}`);
      choice.value = mode.dataset.mode;
      changed();
      redraw();
      choice.focus();
    });
    live.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || !event.target.matches("[role=tab]")) return;
      const found = tabs();
      const tab = found[(found.indexOf(event.target) + step + found.length) % found.length];
      open = tab.id;
      select(tab);
      tab.focus();
      event.preventDefault();
    });

    // -- written for you: proposals go into the form only on click ---------------------------------
    function kinds() {
      const chosen = form.querySelector("[name=write-kind]:checked")?.value;
      form.querySelectorAll("[data-write-for]").forEach((field) => { field.hidden = field.dataset.writeFor !== chosen; });
    }
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-use]");
      if (!button) return;
      const texts = [...document.querySelectorAll("#ts-proposals [data-proposal]")].map((one) => one.textContent);
      const isEmpty = cards().every((card) => !textOf(card).value.trim() && !card.querySelector(".sh-media"));
      const replaces = button.dataset.use === "replace" || isEmpty;
      if (!hasRoom(replaces ? texts.length - cards().length : texts.length)) return;
      const note = remember(form.dataset.used);
      if (replaces) list.replaceChildren();
      texts.forEach((text) => {
        const card = blank();
        textOf(card).value = text;
        insert(card, null);
      });
      const name = document.getElementById("ts-name");
      note.title_before = name.value;
      if (!name.value) name.value = button.parentElement.dataset.title || "";
      madeBy(button.parentElement.dataset.madeBy);
      document.getElementById("ts-write").open = false;
      arranged();
      textOf(list.firstElementChild).focus();
    });
    function madeBy(word) {
      let field = form.elements.namedItem("made_by");
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = "made_by";
        form.append(field);
      }
      field.value = word;
    }

    // -- another wording for one field; the same button takes it back ------------------------------
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-take]");
      if (!button) return;
      const box = button.closest("[data-reworded-for]");
      const field = form.elements.namedItem(box.dataset.rewordedFor);
      const isTaken = "before" in button.dataset;
      const text = isTaken ? button.dataset.before : box.querySelector("[data-reworded]").textContent;
      if (isTaken) delete button.dataset.before; else button.dataset.before = field.value;
      button.textContent = isTaken ? button.dataset.takeAgain : button.dataset.undo;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });

    // -- keyboard, time, leaving -----------------------------------------------------------------
    const state = document.getElementById("ts-saved");
    let dirty = false;
    let sent = false;
    function changed() {
      dirty = true;
      state.textContent = form.dataset.changed;
    }
    form.addEventListener("input", (event) => {
      if (event.target.id === "ts-due") document.getElementById("ts-when-at").checked = true;
      if (event.target.name && !event.target.closest(".ts-write") && !event.target.name.endsWith("-wish")) changed();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      const save = form.querySelector("[data-save]");
      if (!save) return;
      event.preventDefault();
      form.requestSubmit(save);
    });
    form.addEventListener("submit", (event) => { if (!event.defaultPrevented) sent = true; });
    window.addEventListener("beforeunload", (event) => { if (dirty && !sent) event.preventDefault(); });

    tame(form);
    owns(form);
    kinds();
    drawn();
  }
})();
