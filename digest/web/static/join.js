// The join page works without this file. With it: the tree narrows while you type, what you ticked
// is shown as chips, and the time zone is the browser's unless you chose one.
"use strict";

const form = document.querySelector("[data-join]");
const boxes = [...form.querySelectorAll("input[name=regions]")];
const isChosen = (box) => box.type === "hidden" || box.checked;
const nameOf = (box) => box.dataset.name || box.closest("li").dataset.name || box.parentElement.textContent.trim();
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

// A region can stand in the tree twice (Kazakhstan in Central Asia and in the CIS) and among the quick picks.
function tick(slug, on) {
  for (const box of boxes.filter((box) => box.value === slug)) {
    if (box.type === "hidden") box.disabled = !on;
    else box.checked = on;
  }
  show();
}

function show() {
  for (const item of form.querySelectorAll("[data-regions] li")) {
    const above = item.parentElement.closest("li");
    item.classList.toggle("included", Boolean(above && (above.classList.contains("included") ||
      above.querySelector(":scope > label > input").checked)));
  }
  const chosen = new Map(boxes.filter((box) => isChosen(box) && !box.disabled).map((box) => [box.value, nameOf(box)]));
  const list = form.querySelector("[data-chips]");
  list.replaceChildren(...[...chosen].map(([slug, name]) => chip(slug, name, list.dataset.remove)));
  form.querySelector("[data-chosen]").hidden = chosen.size === 0;
  for (const box of form.querySelectorAll("[data-picks] input")) box.closest("li").hidden = box.checked;
}

function chip(slug, name, remove) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.textContent = name;
  button.setAttribute("aria-label", remove.replace("{}", name));
  button.addEventListener("click", () => {
    tick(slug, false);
    (form.querySelector("[data-chips] button") || form.querySelector("[data-find]")).focus();
  });
  item.append(button);
  return item;
}

form.addEventListener("change", (event) => {
  if (event.target.name === "regions") tick(event.target.value, event.target.checked);
});

const query = form.querySelector("[data-find]");
const folded = new Map();

// An item stays if it, one above it or one below it is wanted; what leads to a wanted one is unfolded.
function narrow(item, wanted, all, wantedAbove) {
  const here = wantedAbove || wanted(item);
  let below = false;
  for (const child of item.querySelectorAll(":scope > details > ul > li")) below = narrow(child, wanted, all, here) || below;
  const details = item.querySelector(":scope > details");
  if (details) {
    if (!folded.has(details)) folded.set(details, details.open);
    details.open = all ? folded.get(details) : below && !here;
  }
  item.hidden = !(here || below);
  return !item.hidden;
}

function showOnly(wanted, all) {
  let any = false;
  for (const item of form.querySelectorAll("[data-regions] > li")) any = narrow(item, wanted, all, false) || any;
  if (all) folded.clear();
  form.querySelector("[data-none]").hidden = any;
}

// The site knows more names than the page shows: other languages, peoples, capitals. Without an answer, the page's own do.
const PAUSE = 150; // milliseconds between two letters of somebody who types
let pending = 0;
let latest = null;

function find() {
  const text = query.value.trim();
  clearTimeout(pending);
  if (latest) latest.abort();
  if (!text) return showOnly(() => true, true);
  pending = setTimeout(() => ask(text), PAUSE);
}

async function ask(text) {
  latest = new AbortController();
  try {
    const answer = await fetch(`${query.dataset.find}?q=${encodeURIComponent(text)}`, { signal: latest.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    const slugs = new Set((await answer.json()).slugs);
    showOnly((item) => slugs.has(item.querySelector("input").value), false);
  } catch (error) {
    if (error.name === "AbortError") return;
    const letters = plain(text);
    showOnly((item) => plain(item.dataset.name).includes(letters), false);
  }
}

if (!query.value) {
  query.addEventListener("input", find);
  query.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  form.querySelector("[name=find]").hidden = true;
}

// Browsers still give some zones the name they had before they were renamed.
const RENAMED = {
  "Africa/Asmera": "Africa/Asmara", "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Godthab": "America/Nuuk",
  "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon", "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe", "Europe/Kiev": "Europe/Kyiv", "Pacific/Enderbury": "Pacific/Kanton",
};
const zone = form.querySelector("[data-preset]");
if (zone) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offered = new Set([...zone.options].map((option) => option.value));
  const known = [here, RENAMED[here]].find((name) => name && offered.has(name));
  if (known) zone.value = known;
}

show();
