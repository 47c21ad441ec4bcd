// Fetches the page every few seconds and moves only what changed into place, so that
// scroll position, selection and focus stay where they are.
"use strict";

const SECONDS = 3;
const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

function showTimes() {
  for (const time of document.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    const seconds = Math.min(0, (moment - Date.now()) / 1000);
    const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]]
      .find(([, size]) => -seconds >= size) || ["second", 1];
    const text = -seconds > 7 * 86400
      ? moment.toLocaleDateString(language, { dateStyle: "medium" })
      : relative.format(Math.trunc(seconds / size), unit);
    if (time.textContent !== text) time.textContent = text;
    time.title = moment.toLocaleString(language);
  }
}

function articles(parent) {
  return [...parent.children].filter((child) => child.matches("article"));
}

function updateCounters(old, now) {
  const before = old.querySelectorAll(":scope > .own .n");
  const after = now.querySelectorAll(":scope > .own .n");
  after.forEach((value, i) => {
    if (!before[i] || before[i].textContent === value.textContent) return;
    before[i].textContent = value.textContent;
    before[i].classList.add("changed");
    setTimeout(() => before[i].classList.remove("changed"), 1000);
  });
}

function update(oldParent, newParent) {
  const known = new Map(articles(oldParent).map((article) => [article.id, article]));
  let previous = null;
  for (const now of articles(newParent)) {
    let article = known.get(now.id);
    known.delete(now.id);
    if (article) {
      updateCounters(article, now);
      update(article.querySelector(":scope > .replies"), now.querySelector(":scope > .replies"));
    } else {
      article = document.importNode(now, true);
      article.classList.add("fresh");
      if (previous) previous.after(article); else oldParent.prepend(article);
    }
    previous = article;
  }
  known.forEach((article) => article.remove());
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [feed, fresh] = [document.getElementById("feed"), page.getElementById("feed")];
    if (feed && fresh) {
      if (articles(feed).length === 0 && articles(fresh).length > 0) feed.textContent = "";
      update(feed, fresh);
    }
    const [tabs, freshTabs] = [document.querySelector("nav"), page.querySelector("nav")];
    if (tabs && freshTabs && tabs.innerHTML !== freshTabs.innerHTML) tabs.replaceWith(freshTabs);
  } catch {
    // The server is being restarted: the next round will tell.
  }
  showTimes();
}

showTimes();
setInterval(refresh, SECONDS * 1000);
