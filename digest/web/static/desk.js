// The desk works without this file. With it, keys move through the stories and press their buttons, details stay open and
// the focus stays in its place when htmx replaces the list, and the message of a change leaves after some seconds.
"use strict";

const UNDO_TIME = 10000; // milliseconds
const PREVIEW_DELAY = 600; // milliseconds after a change; several changes in a row show one preview
const KEYS_OFF = "dateline-keys-off"; // in the browser's local storage
const get = (selector) => document.querySelector(selector);
const stories = () => [...document.querySelectorAll("#desk [data-story]")];
const selected = () => [...document.querySelectorAll("#desk [name=stories][form=bulk]:checked")];

let current = null; // id of the story that had the focus last
let place = 0; // its place on the page, for when it leaves the list
let isSentByDesk = false;
let isUndoing = false;
let undosToCome = 0; // presses of the key while a change is being undone

function focusStory(story) {
  if (!story) return;
  story.focus({ preventScroll: true });
  story.scrollIntoView({ block: "nearest" });
}

function currentStory() {
  return stories().find((story) => story.id === current) || stories()[Math.min(place, stories().length - 1)];
}

function move(step) {
  const list = stories();
  const now = list.findIndex((story) => story.id === current);
  focusStory(now < 0 ? list[Math.min(place, list.length - 1)] : list[now + step]);
}

// Presses the button for an action: for all selected stories, or for the current one.
function press(...actions) {
  const holder = selected().length ? get("#bulk") : currentStory();
  const button = actions.map((action) => holder?.querySelector(`button[value="${action}"]`)).find(Boolean);
  button?.click();
}

function showSelected() {
  const count = selected().length;
  const text = get("#desk [data-selected]");
  if (!text) return;
  text.dataset.label ||= text.textContent;
  text.textContent = count ? `${text.dataset.label} ${count}` : text.dataset.label;
  const all = get("#desk [data-select-all]");
  all.hidden = false;
  all.firstElementChild.checked = count > 0 && count === stories().length;
  all.firstElementChild.indeterminate = count > 0 && count < stories().length;
}

// The button names the step that it undoes. A press before the answer is there is meant for the step after it.
function undo() {
  const button = get("[data-undo] button");
  if (isUndoing) undosToCome += 1;
  else if (button) {
    isUndoing = true;
    button.click();
  }
}

function endUndoing(isDone) {
  isUndoing = false;
  if (isDone && undosToCome) {
    undosToCome -= 1;
    setTimeout(undo);
  } else undosToCome = 0;
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  x: () => currentStory()?.querySelector("[form=bulk]")?.click(),
  p: () => press("pin", "unpin"),
  h: () => press("hide", "show"),
  r: () => press("reviewed", "unreviewed"),
  m: () => get("#bulk button[value=merge]")?.click(),
  o: () => currentStory()?.querySelector(".headline a").click(),
  u: undo,
  "/": () => get("#q").focus(),
  "?": () => get("#keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(KEYS_OFF)) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("focusin", (event) => {
  const story = event.target.closest("#desk [data-story]");
  if (!story) return;
  current = story.id;
  place = stories().indexOf(story);
});

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-select-all]")) {
    for (const box of document.querySelectorAll("#desk [name=stories][form=bulk]")) box.checked = event.target.checked;
  }
  if (event.target.closest("#desk")) showSelected();
});

htmx.config.morphIgnore = ["open"]; // details that somebody opened stay open

document.addEventListener("htmx:before:swap", (event) => {
  // The answer is another page, for example because the session has ended.
  if (!/ id="(desk|day-notes)"/.test(event.detail.ctx.text)) {
    event.preventDefault();
    location.reload();
    return;
  }
  isSentByDesk = true;
  const now = stories().findIndex((story) => story.id === current); // a change before this one may have moved it
  if (now >= 0) place = now;
});

document.addEventListener("htmx:after:swap", () => {
  if (!isSentByDesk) return;
  isSentByDesk = false;
  showPreviewSoon();
  const hasFailed = Boolean(get("#desk > .notice.error, #desk .field-error"));
  if (isUndoing) endUndoing(true);
  if (!hasFailed) for (const box of selected()) box.checked = false;
  showSelected();
  const wrong = get("#desk [aria-invalid=true]");
  if (wrong) wrong.focus();
  else if (document.activeElement === document.body || !document.activeElement) focusStory(currentStory());
  hideUndoLater();
});

document.addEventListener("htmx:error", () => endUndoing(false));

let timer = 0;
function hideUndoLater() {
  clearTimeout(timer);
  const toast = get("#desk .toast");
  if (!toast) return;
  timer = setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) hideUndoLater();
    else toast.remove();
  }, UNDO_TIME);
}

get("[data-keys]").addEventListener("click", (event) => {
  event.preventDefault();
  get("#keys").showModal();
});
const keysOn = get("[data-keys-on]");
keysOn.checked = !localStorage.getItem(KEYS_OFF);
keysOn.addEventListener("change", () => {
  if (keysOn.checked) localStorage.removeItem(KEYS_OFF);
  else localStorage.setItem(KEYS_OFF, "1");
});

// The preview shows each change: of its own fields, of the stories and of the notes. A new frame leaves the history alone.
function showPreview() {
  const fields = Object.fromEntries([...document.querySelectorAll(".desk-preview select")].map((field) => [field.name, field.value]));
  const figures = get(".preview-frames");
  const mixes = [fields.mix || get("#region").value, fields.beside].filter(Boolean);
  const names = [get("[name=mix]").selectedOptions[0].text, get("[name=beside]").selectedOptions[0].text];
  const shown = mixes.map((mix, place) => {
    const figure = figures.children[place]?.cloneNode(true) || figures.children[0].cloneNode(true);
    const query = new URLSearchParams(mix.split(" ").map((region) => ["regions", region]));
    if (fields.language) query.set("language", fields.language);
    query.set("frame", 1);
    if (fields.scheme) query.set("scheme", fields.scheme);
    const frame = figure.querySelector("iframe");
    frame.src = `${figures.dataset[fields.size === "text" ? "text" : "html"]}?${query}`;
    frame.className = `preview-frame ${fields.size}`;
    figure.querySelector("figcaption").textContent = names[place];
    frame.title = names[place];
    return figure;
  });
  figures.replaceChildren(...shown);
}

let previewTimer = 0;
function showPreviewSoon() {
  clearTimeout(previewTimer);
  previewTimer = setTimeout(showPreview, PREVIEW_DELAY);
}

for (const select of document.querySelectorAll(".desk-preview select")) select.addEventListener("change", showPreview);
get("[data-preview-apply]").hidden = true;
for (const select of document.querySelectorAll(".filter select")) select.addEventListener("change", () => select.form.requestSubmit());

showSelected();
hideUndoLater();
