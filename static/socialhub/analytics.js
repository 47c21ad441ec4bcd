// The dashboard: draws the series, reads out the heatmap, keeps what is open while figures change.
(() => {
  "use strict";

  const main = () => document.getElementById("an-main");
  const language = document.documentElement.lang || "en";
  const grouped = (value, data) => String(value).replace(/\B(?=(\d{3})+$)/g, data.thousands);
  const brief = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const view = () => new URLSearchParams(location.search);

  // -- colours ------------------------------------------------------------------
  // A canvas knows no CSS variables: an element resolves them.
  function colour(name) {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  // -- the series ---------------------------------------------------------------
  const charts = new Map(); // element → Chart

  function dataOf(element) {
    return JSON.parse(document.getElementById(element.dataset.anChart || element.dataset.anTable).textContent);
  }
  const kindNow = () => document.querySelector("[data-an-kind][aria-current]")?.dataset.anKind;
  const metricNow = () => document.querySelector("[data-an-metric]")?.value;

  function options(box, data, kind) {
    const ink = colour("--sh-quiet");
    const line = colour("--an-grid");
    const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          displayColors: false,
          titleFont: font,
          bodyFont: font,
          callbacks: {
            title: (items) => data.labels[items[0].dataIndex],
            label: (item) => `${item.dataset.label}: ${grouped(item.raw, data)}`,
            afterLabel: (item) => kind === "published"
              ? `${box.dataset.saidPublications}: ${grouped(data.publications[item.dataIndex], data)}`
              : "",
          },
        },
      },
      scales: {
        x: {
          grid: { display: false },
          border: { color: line },
          ticks: { color: ink, font, maxRotation: 0, autoSkipPadding: 16 },
        },
        y: {
          beginAtZero: true,
          grid: { color: line },
          border: { display: false },
          ticks: { color: ink, font, precision: 0, maxTicksLimit: 6, callback: (value) => brief.format(value) },
        },
      },
    };
  }

  function dataset(label, values, kind) {
    const mark = colour("--an-mark");
    const shared = { label, data: values, backgroundColor: mark, hoverBackgroundColor: mark, borderColor: mark };
    return kind === "published"
      ? { ...shared, type: "bar", borderRadius: 3, maxBarThickness: 28, categoryPercentage: 0.8 }
      : { ...shared, type: "line", borderWidth: 2, pointRadius: values.length > 45 ? 0 : 2.5, pointHoverRadius: 4, cubicInterpolationMode: "monotone", spanGaps: false };
  }

  function describe(box, data, kind, metric) {
    const values = data[kind][metric];
    const known = values.filter((value) => value !== null);
    const note = box.querySelector(".an-chart-note");
    const why = kind === "happened" && box.dataset.saidCampaign;
    note.textContent = why || box.dataset.saidNone;
    note.hidden = known.length > 0;
    const sum = known.length ? grouped(known.reduce((a, b) => a + b, 0), data) : "–";
    const words = `${data.kinds[kind]} · ${data.metrics[metric]} · ${box.dataset.saidTotal} ${sum}`;
    box.closest(".an-body").querySelector("[data-an-title]").textContent = words;
    box.setAttribute("aria-label", `${words}. ${box.dataset.saidChart}`);
  }

  function draw(box) {
    charts.get(box)?.destroy();
    const data = dataOf(box);
    const kind = kindNow();
    const metric = metricNow();
    charts.set(box, new Chart(box.querySelector("canvas"), {
      data: { labels: data.short, datasets: [dataset(data.metrics[metric], data[kind][metric], kind)] },
      options: options(box, data, kind),
    }));
    describe(box, data, kind, metric);
  }

  function drawAll() {
    for (const [box, chart] of charts) {
      if (!box.isConnected) { chart.destroy(); charts.delete(box); }
    }
    document.querySelectorAll("[data-an-chart]").forEach(draw);
    document.querySelectorAll("details[data-an-table][open]").forEach(fillTable);
  }

  // -- its table ------------------------------------------------------------------
  function cell(row, text, label, hint = "") {
    const made = row.insertCell();
    made.textContent = text;
    if (label) { made.dataset.label = label; made.className = "sh-num"; }
    if (hint) { made.title = hint; made.classList.add("sh-missing"); }
  }

  function fillTable(details) {
    const data = dataOf(details);
    const kind = kindNow();
    const said = document.querySelector("[data-an-chart]").dataset;
    const table = details.querySelector("table");
    const columns = Object.entries(data.metrics);
    const head = table.tHead.rows[0];
    while (head.cells.length > 1) head.deleteCell(1);
    const titles = columns.map(([, label]) => label);
    if (kind === "published") titles.unshift(said.saidPublications);
    for (const title of titles) {
      const th = document.createElement("th");
      th.scope = "col";
      th.className = "sh-num";
      th.textContent = title;
      head.append(th);
    }
    table.caption.textContent = data.kinds[kind];
    const body = document.createElement("tbody");
    data.labels.forEach((label, day) => {
      const row = body.insertRow();
      cell(row, label, "");
      const nothing = kind === "published" && data.publications[day] === 0;
      if (kind === "published") cell(row, grouped(data.publications[day], data), said.saidPublications);
      for (const [name, title] of columns) {
        const value = data[kind][name][day];
        if (value === null) cell(row, "–", title, nothing ? said.saidNothing : said.saidMissing);
        else cell(row, grouped(value, data), title);
      }
    });
    table.tBodies[0].replaceWith(body);
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-an-table]") && event.target.open) fillTable(event.target);
  }, true);

  // -- switches of the series: both kinds are in the page already -------------------
  function remember(name, value) {
    const url = new URL(location);
    url.searchParams.set(name, value);
    history.replaceState(history.state, "", url);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-an-kind]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.querySelectorAll("[data-an-kind]").forEach((other) => {
      other.toggleAttribute("aria-current", false);
      other.setAttribute("aria-pressed", String(other === link));
    });
    link.setAttribute("aria-current", "true");
    remember("series", link.dataset.anKind);
    drawAll();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("[data-an-kind]")) { event.preventDefault(); event.target.click(); }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-an-metric]")) return;
    remember("metric", event.target.value);
    drawAll();
  });

  // -- the heatmap --------------------------------------------------------------------
  const saidOf = (place) => place.closest(".an-body").querySelector("[data-an-said]");
  const hourOf = (target) => target.closest?.("[data-an-heatmap] tbody td");

  function read(event) {
    const place = hourOf(event.target);
    if (place) saidOf(place).textContent = place.title || place.dataset.said;
  }
  document.addEventListener("mouseover", read);
  document.addEventListener("focusin", read);
  document.addEventListener("mouseout", (event) => {
    const place = hourOf(event.target);
    if (place && !place.matches(":focus")) { const said = saidOf(place); said.textContent = said.dataset.saidHint; }
  });

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 };
  document.addEventListener("keydown", (event) => {
    const place = hourOf(event.target);
    if (!place || !(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = document.getElementById(`an-hour-${Number(place.id.slice(8)) + STEPS[event.key]}`);
    if (!next) return;
    place.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  // -- requests ----------------------------------------------------------------------
  // How the panels are shown may have changed since the links of the page were made.
  const SHOWN = ["series", "metric", "by", "order"];
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, verb, parameters } = event.detail;
    if (verb !== "get" || !main()?.contains(elt)) return;
    if (elt.id === "an-refresh") { event.detail.path = location.pathname + location.search; return; }
    if (elt.id === "an-poll") return;
    const url = new URL(event.detail.path, location);
    const now = view();
    for (const name of SHOWN) {
      if (elt.name === "view" && (name === "by" || name === "order")) continue;
      url.searchParams.delete(name);
      delete parameters[name];
      if (now.has(name)) url.searchParams.set(name, now.get(name));
    }
    for (const [name, value] of Object.entries(parameters)) {
      if (value === "") delete parameters[name];
    }
    event.detail.path = url.pathname + url.search;
  });

  // A panel that cannot be read says so and offers to try again; the others stay as they are.
  function failed(event) {
    const panel = event.detail.elt?.closest?.(".an-panel");
    const shown = document.getElementById("an-failed");
    if (!panel || !shown || event.detail.elt !== panel) return;
    event.stopImmediatePropagation();
    panel.removeAttribute("aria-busy");
    panel.querySelector(".an-body").replaceChildren(shown.content.cloneNode(true));
  }
  document.addEventListener("htmx:responseError", failed, true);
  document.addEventListener("htmx:sendError", failed, true);
  document.addEventListener("htmx:timeout", failed, true);
  document.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-an-again]")?.closest(".an-panel");
    if (panel) htmx.ajax("GET", panel.getAttribute("hx-get"), { source: panel, target: panel, swap: "outerHTML" });
  });

  // -- swaps -------------------------------------------------------------------------------
  let open = [];
  let hour = null;
  document.addEventListener("htmx:beforeSwap", () => {
    open = [...document.querySelectorAll("#an-main details[open][id]")].map((details) => details.id);
    hour = document.querySelector("[data-an-heatmap] td[tabindex='0']")?.id;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!main()) return;
    for (const id of open) { const details = document.getElementById(id); if (details) details.open = true; }
    const place = hour && document.getElementById(hour);
    if (place && place.tabIndex !== 0) {
      document.querySelector("[data-an-heatmap] td[tabindex='0']").tabIndex = -1;
      place.tabIndex = 0;
    }
    for (const box of document.querySelectorAll("[data-an-chart]")) if (!charts.has(box)) { drawAll(); break; }
  });

  // -- light, dark, paper ---------------------------------------------------------------------
  const root = document.documentElement;
  let dark = false;
  document.addEventListener("DOMContentLoaded", () => {
    if (!main()) return;
    drawAll();
    dark = root.classList.contains("dark");
    new MutationObserver(() => {
      if (root.classList.contains("dark") === dark) return;
      dark = root.classList.contains("dark");
      drawAll();
    }).observe(root, { attributes: true, attributeFilter: ["class"] });
  });
  let wasDark = false;
  window.addEventListener("beforeprint", () => {
    wasDark = root.classList.contains("dark");
    if (wasDark) { root.classList.remove("dark"); drawAll(); }
    charts.forEach((chart) => chart.resize());
  });
  window.addEventListener("afterprint", () => {
    if (wasDark) { root.classList.add("dark"); drawAll(); }
    charts.forEach((chart) => chart.resize());
  });
})();
