// The form for regions works without this file. With it, the tree narrows while you type, the chosen regions
// are shown at once, as chips or as a list to put in order, and the time zone is preset from the browser.
"use strict";

const form = document.querySelector("[data-join]");
const boxes = [...form.querySelectorAll("input[name=regions]")];
const isChosen = (box) => box.type === "hidden" || box.checked;
const nameOf = (box) => box.dataset.name || box.closest("li").dataset.name || box.parentElement.textContent.trim();
const withoutAccents = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

// A region can be in the tree twice (Kazakhstan in Central Asia and in the CIS), and among the popular regions.
function setChosen(slug, chosen) {
  for (const box of boxes.filter((box) => box.value === slug)) {
    if (box.type === "hidden") box.disabled = !chosen;
    else box.checked = chosen;
  }
  update();
}

// Says beside a region that it is part of a chosen one.
function setIncluded(item, isIncluded) {
  item.classList.toggle("included", isIncluded);
  const label = item.querySelector(":scope > label");
  const word = label.querySelector(".within");
  if (!isIncluded) word?.remove();
  else if (!word) {
    const added = document.createElement("span");
    added.className = "within";
    added.textContent = item.closest("[data-regions]").dataset.included;
    label.append(" ", added);
  }
}

function update() {
  for (const item of form.querySelectorAll("[data-regions] li")) {
    const parent = item.parentElement.closest("li");
    setIncluded(item, Boolean(parent && (parent.classList.contains("included") ||
      parent.querySelector(":scope > label > input").checked)));
  }
  const chosen = new Map(boxes.filter((box) => isChosen(box) && !box.disabled).map((box) => [box.value, nameOf(box)]));
  const list = form.querySelector("[data-chips]");
  if (list) list.replaceChildren(...[...chosen].map(([slug, name]) => createChip(slug, name, list.dataset.remove)));
  else showOrder(chosen);
  askForCount();
  showOnMap();
  form.querySelector("[data-chosen]").hidden = chosen.size === 0;
  for (const box of form.querySelectorAll("[data-picks] input")) box.closest("li").hidden = box.checked;
}

// The map is loaded when somebody opens it. Without it the tree does the same.
const map = form.querySelector("[data-map]");
let showOnMap = () => {};
if (map && form.querySelector("[data-regions]")) {
  map.hidden = false;
  map.addEventListener("toggle", async () => {
    try {
      const { openMap } = await import(map.dataset.script);
      showOnMap = await openMap(map, form, setChosen);
      showOnMap();
    } catch {
      map.hidden = true;
    }
  }, { once: true });
}

function createChip(slug, name, remove) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = name;
  button.setAttribute("aria-label", remove.replace("{}", name));
  button.addEventListener("click", () => {
    setChosen(slug, false);
    (form.querySelector("[data-chips] button") || form.querySelector("[data-find]")).focus();
  });
  item.append(button);
  return item;
}

// The chosen regions in the order of the digest. A newly chosen one comes last.
const orderList = form.querySelector("[data-order]");
let order = orderList ? [...orderList.querySelectorAll("[name=order]")].map((field) => field.value) : [];

function showOrder(chosen) {
  order = [...new Set([...order, ...chosen.keys()])].filter((slug) => chosen.has(slug));
  orderList.replaceChildren(...order.map((slug, place) => createOrderItem(slug, chosen.get(slug), place)));
}

function createOrderItem(slug, name, place) {
  const item = document.createElement("li");
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "order", value: slug });
  const label = document.createElement("span");
  label.className = "name";
  label.textContent = name;
  item.append(field, label);
  if (order.length > 1) {
    const up = createOrderButton("↑", orderList.dataset.up, name, () => move(slug, name, -1));
    const down = createOrderButton("↓", orderList.dataset.down, name, () => move(slug, name, 1));
    up.disabled = place === 0;
    down.disabled = place === order.length - 1;
    item.append(up, down);
  }
  item.append(createOrderButton("×", orderList.dataset.remove, name, () => {
    setChosen(slug, false);
    (orderList.querySelector("button:not(:disabled)") || form.querySelector("[data-find]")).focus();
  }));
  return item;
}

function createOrderButton(sign, label, name, action) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: sign });
  button.setAttribute("aria-label", label.replace("{}", name));
  button.addEventListener("click", action);
  return button;
}

function move(slug, name, step) {
  const place = order.indexOf(slug);
  [order[place], order[place + step]] = [order[place + step], order[place]];
  update();
  const buttons = [...orderList.children[place + step].querySelectorAll("button")];
  const same = buttons[step < 0 ? 0 : 1];
  (same.disabled ? buttons[step < 0 ? 1 : 0] : same).focus();
  const status = form.querySelector("p[data-moved]");
  status.textContent = orderList.dataset.moved.replace("{}", name).replace("{place}", place + step + 1);
}

form.addEventListener("change", (event) => {
  if (event.target.name === "regions") setChosen(event.target.value, event.target.checked);
  else if (["kinds", "languages_read", "language"].includes(event.target.name)) askForCount();
});

// About how many stories a day the choice gets, as the server counts it. Without an answer the line stays empty.
const about = form.querySelector("[data-about]");
const COUNT_PAUSE = 400; // milliseconds; several boxes are often ticked in a row
let countTimer = 0;
let lastCount = null;

function askForCount() {
  if (!about) return;
  clearTimeout(countTimer);
  if (lastCount) lastCount.abort();
  countTimer = setTimeout(showCount, COUNT_PAUSE);
}

async function showCount() {
  const chosen = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (["regions", "content", "kinds", "languages_read", "language"].includes(name)) chosen.append(name, value);
  }
  if (!chosen.has("regions")) { about.textContent = ""; return; }
  lastCount = new AbortController();
  try {
    const address = new URL(about.dataset.about, location.href);
    const lang = address.searchParams.get("lang");
    const query = lang ? `${chosen}&lang=${lang}` : chosen;
    const response = await fetch(`${address.pathname}?${query}`, { signal: lastCount.signal });
    if (response.ok) about.textContent = (await response.json()).text;
  } catch (error) {
    if (error.name !== "AbortError") about.textContent = "";
  }
}

const query = form.querySelector("[data-find]");
const openBeforeSearch = new Map(); // <details> to whether it was open

// Shows an item if it, an ancestor or a descendant matches, and opens the branches that lead to matches.
// Returns whether the item is shown. `reset` restores the tree as it was before the search.
function filterItem(item, matches, reset, ancestorMatches) {
  const itemMatches = ancestorMatches || matches(item);
  let descendantMatches = false;
  for (const child of item.querySelectorAll(":scope > details > ul > li")) {
    descendantMatches = filterItem(child, matches, reset, itemMatches) || descendantMatches;
  }
  const details = item.querySelector(":scope > details");
  if (details) {
    if (!openBeforeSearch.has(details)) openBeforeSearch.set(details, details.open);
    details.open = reset ? openBeforeSearch.get(details) : descendantMatches && !itemMatches;
  }
  item.hidden = !(itemMatches || descendantMatches);
  return !item.hidden;
}

function filterTree(matches, reset) {
  let found = false;
  for (const item of form.querySelectorAll("[data-regions] > li")) {
    found = filterItem(item, matches, reset, false) || found;
  }
  if (reset) openBeforeSearch.clear();
  form.querySelector("[data-none]").hidden = found;
}

// The server knows more names than the page: other languages, peoples, capitals. If it does not answer, the names on
// the page are searched.
const TYPING_PAUSE = 150; // milliseconds; typical time between two keystrokes
let timer = 0;
let lastRequest = null;

function startSearch() {
  const text = query.value.trim();
  clearTimeout(timer);
  if (lastRequest) lastRequest.abort();
  if (!text) return filterTree(() => true, true);
  timer = setTimeout(() => search(text), TYPING_PAUSE);
}

async function search(text) {
  lastRequest = new AbortController();
  try {
    const address = new URL(query.dataset.find, location.href); // it may have a language already
    address.searchParams.set("q", text);
    const response = await fetch(address, { signal: lastRequest.signal });
    if (!response.ok) throw new Error(response.statusText);
    const slugs = new Set((await response.json()).slugs);
    filterTree((item) => slugs.has(item.querySelector("input").value), false);
  } catch (error) {
    if (error.name === "AbortError") return;
    const searched = withoutAccents(text);
    filterTree((item) => withoutAccents(item.dataset.name).includes(searched), false);
  }
}

if (!query.value) {
  query.addEventListener("input", startSearch);
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  form.querySelector("[name=find]").hidden = true;
}

// Some browsers report time zones by former names.
const RENAMED = {
  "Africa/Asmera": "Africa/Asmara", "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Godthab": "America/Nuuk",
  "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon", "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe", "Europe/Kiev": "Europe/Kyiv", "Pacific/Enderbury": "Pacific/Kanton",
};
function presetZone(zone) {
  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isOffered = (name) => name && zone.querySelector(`option[value="${CSS.escape(name)}"]`);
  const match = [browserZone, RENAMED[browserZone]].find(isOffered);
  if (match) zone.value = match;
}

// Asking for the zone takes a phone a tenth of a second, so it is done when the field is about to be seen, or needed.
const zone = form.querySelector("[data-preset]");
if (zone) {
  const seen = new IntersectionObserver(([entry]) => entry.isIntersecting && preset(), { rootMargin: "100%" });
  const preset = () => {
    seen.disconnect();
    form.removeEventListener("submit", preset);
    presetZone(zone);
  };
  seen.observe(zone);
  form.addEventListener("submit", preset);
}

// Without a choice the page is right as it is.
if (order.length || boxes.some((box) => box.checked)) update();
else form.querySelector("[data-chosen]").hidden = true;
