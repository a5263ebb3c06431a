// The list of feeds works without this file. With it, addresses of feeds can be copied.
"use strict";

const feeds = document.querySelector("[data-feeds]");
const copyStatus = feeds.querySelector("[data-copy-status]");
const SHOWN_FOR = 2000; // milliseconds

async function copyAddress(address, button) {
  await navigator.clipboard.writeText(new URL(address, location.href).href);
  copyStatus.textContent = feeds.dataset.copied;
  const before = button.textContent;
  const label = button.getAttribute("aria-label");
  button.removeAttribute("aria-label"); // a name must have the words that are seen
  button.textContent = feeds.dataset.copied;
  setTimeout(() => {
    button.textContent = before;
    if (label) button.setAttribute("aria-label", label);
    copyStatus.textContent = "";
  }, SHOWN_FOR);
}

function addButton(row) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: feeds.dataset.copy });
  button.setAttribute("aria-label", `${feeds.dataset.copy}: ${row.querySelector(".name").textContent}`);
  button.addEventListener("click", () => copyAddress(row.querySelector("a[href*='feed.atom']").href, button));
  row.append(button);
}

// The clipboard is there on https pages, and on this machine.
if (navigator.clipboard) {
  // Rows in closed branches get theirs when these are opened: most never are.
  const addButtons = () => {
    for (const row of feeds.querySelectorAll(".row:not([data-ready])")) {
      if (row.closest("details:not([open])")) continue;
      row.dataset.ready = "";
      addButton(row);
    }
  };
  feeds.addEventListener("toggle", addButtons, true); // the event does not bubble
  addButtons();
  const mix = feeds.querySelector("[data-copy-mix]");
  const boxes = [...feeds.querySelectorAll("input[name=regions]")];
  const showMix = () => { mix.hidden = !boxes.some((box) => box.checked); };
  feeds.addEventListener("change", showMix);
  mix.addEventListener("click", () => copyAddress(`${feeds.action}?${new URLSearchParams(new FormData(feeds))}`, mix));
  showMix();
}
