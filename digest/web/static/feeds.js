// The list of feeds works without this file. With it, addresses of feeds can be copied.
"use strict";

const feeds = document.querySelector("[data-feeds]");
const copyStatus = feeds.querySelector("[data-copy-status]");
const SHOWN_FOR = 2000; // milliseconds

async function copyAddress(address, button) {
  await navigator.clipboard.writeText(new URL(address, location.href).href);
  copyStatus.textContent = feeds.dataset.copied;
  const before = button.textContent;
  button.textContent = feeds.dataset.copied;
  setTimeout(() => {
    button.textContent = before;
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
  feeds.querySelectorAll(".row").forEach(addButton);
  const mix = feeds.querySelector("[data-copy-mix]");
  const boxes = [...feeds.querySelectorAll("input[name=regions]")];
  const showMix = () => { mix.hidden = !boxes.some((box) => box.checked); };
  feeds.addEventListener("change", showMix);
  mix.addEventListener("click", () => copyAddress(`${feeds.action}?${new URLSearchParams(new FormData(feeds))}`, mix));
  showMix();
}
