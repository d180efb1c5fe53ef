"use strict";
// Keeps the consumer's page true: a fresh QR before the old one goes stale, and the state as the till has it.
const POLL_MS = 800;
const PATIENCE_MS = 5000;
let mark = null;
let heardAt = performance.now();
let drawnAt = performance.now();

function wallet() { return document.getElementById("wallet"); }

async function poll() {
  const shown = wallet();
  if (!shown || document.hidden) return;
  mark ??= shown.dataset.mark;
  try {
    const answer = await fetch(shown.dataset.stateUrl, { headers: { "If-None-Match": `"${mark}"` }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.ok) {
      const state = await answer.json();
      if (state.mark !== shown.dataset.mark) await turn(state.mark);
    }
    if (answer.ok || answer.status === 304) heardAt = performance.now();
  } catch { /* the shop's service is away for a moment */ }
  const lost = performance.now() - heardAt > PATIENCE_MS;
  document.getElementById("lost").hidden = !lost;
  redraw();
}

async function turn(newMark) {
  const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("wallet");
  if (!fresh) return;
  window.pageTurnedAt = performance.now();
  drawnAt = performance.now();
  wallet().replaceWith(document.importNode(fresh, true));
  mark = newMark;
  // A page that nobody has touched yet may not vibrate.
  const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
  if (touched && navigator.vibrate && fresh.dataset.state === "redeemed") navigator.vibrate(200);
}

function redraw() {
  const image = document.getElementById("qr");
  if (!image) return;
  const seconds = (performance.now() - drawnAt) / 1000;
  if (seconds < Number(image.dataset.freshSeconds)) return;
  drawnAt = performance.now();
  const next = new Image();
  next.onload = () => { image.src = next.src; };
  next.src = `${image.dataset.src}?n=${Date.now()}`;
}

async function loop() {
  await poll();
  setTimeout(loop, POLL_MS);
}
// A page that comes back from sleep shows what is true now, with a code that can be scanned.
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
loop();

// The screen stays on while the code waits to be scanned, where the phone allows it.
if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
