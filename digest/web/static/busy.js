// Shows a text beside a pressed button whose action takes a while, such as fetching a site or importing a list.
// The pages work without this file.
"use strict";

const DELAY = 700; // milliseconds; faster responses need no text
const text = document.currentScript.dataset.text;

document.addEventListener("submit", (event) => {
  if (!event.submitter || event.submitter.formTarget) return; // a frame shows by itself when it has loaded
  const status = document.createElement("span");
  status.className = "busy";
  status.setAttribute("aria-live", "polite"); // screen readers read the text only if the element is there before it
  event.submitter.after(status);
  setTimeout(() => { status.textContent = text; }, DELAY);
});

// The browser's Back button may restore the page with the text.
addEventListener("pageshow", () => { for (const status of document.querySelectorAll(".busy")) status.remove(); });
