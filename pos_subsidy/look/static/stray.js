"use strict";
// A scan where nobody waits for one chooses nothing and presses no button: it goes into the
// payment's number, or along to the next sale.
{
  const KEY_MS = 50; // no hand types this fast
  const BURST = 5;
  const number = document.querySelector("[data-takes-scan]");
  const next = document.querySelector("a[data-scan-next]");
  let text = "", at = -Infinity, chosen = null;

  const choice = () => document.querySelector("input[type=radio]:checked");

  // The first key may have chosen a way to pay before the second one told that it was a scan.
  function undo(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const now = choice();
    if (now && now !== chosen) now.checked = false;
    if (chosen) chosen.checked = true;
  }

  function take() {
    if (number) {
      number.value = text.slice(0, number.maxLength);
      number.focus();
    } else if (next && !window.looksPersonal(text)) {
      window.keptScans.write([{ text, form: null }]); // the sale's page takes it up when it opens
      next.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.key === "Shift") return;
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea")) return;
    const fast = event.timeStamp - at < KEY_MS;
    at = event.timeStamp;
    if (event.key.length === 1) {
      if (!fast) { text = ""; chosen = choice(); }
      text += event.key;
      if (text.length > 1) undo(event);
      return;
    }
    if (fast && text.length >= BURST && (event.key === "Enter" || event.key === "Tab")) {
      undo(event);
      take();
    }
    text = "";
  }, true);
}
