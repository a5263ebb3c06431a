// After a button that takes a while (fetching a site, importing a list) stands that it is being done. The pages work
// without this file.
"use strict";

const PATIENCE = 700; // milliseconds; what answers sooner needs no words
const words = document.currentScript.dataset.words;

document.addEventListener("submit", (event) => {
  if (!event.submitter) return;
  const told = document.createElement("span");
  told.className = "busy";
  told.setAttribute("aria-live", "polite"); // in the page before its words are, or nobody reads them out
  event.submitter.after(told);
  setTimeout(() => { told.textContent = words; }, PATIENCE);
});

// Who comes back by the browser's button finds the page as it was left.
addEventListener("pageshow", () => { for (const told of document.querySelectorAll(".busy")) told.remove(); });
