"use strict";
// Everything here is a comfort: each page works without it.
document.documentElement.classList.add("has-js");

// Keys written on the buttons.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (typing && event.key !== "Escape" && !/^F\d+$/.test(event.key)) return;
  if (event.key === "Enter" && event.target.closest("a, button, input, summary")) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted) {
    event.preventDefault();
    wanted.focus();
    // What gives something up wants a second key: a stray Esc must not undo a payment.
    if (!wanted.hasAttribute("data-key-focus")) wanted.click();
  }
});

// One form, one sending: what a second click would repeat is already on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once-only]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  if (event.submitter) event.submitter.classList.add("busy");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
  document.querySelectorAll(".busy").forEach((button) => button.classList.remove("busy"));
});

// Elsewhere a scanner's Enter moves on instead of sending half a form.
document.querySelectorAll("form[data-scan-moves] [data-scan]").forEach((field) => {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !field.value) return;
    event.preventDefault();
    const fields = [...field.form.querySelectorAll("input:not([type=hidden]), select")];
    (fields[fields.indexOf(field) + 1] || field).focus();
  });
});

// Countdowns follow the shop's clock, not the reader's.
const COUNT_MS = 250;
const DAY_MS = 86_400_000;
const loadedAt = performance.now();
function leftMs(element) {
  const now = Date.parse(element.dataset.now) + (performance.now() - (element.loadedAt ??= firstSeen(element)));
  return Date.parse(element.dataset.until) - now;
}
function firstSeen() { return window.pageTurnedAt || loadedAt; }
function count() {
  document.querySelectorAll("b[data-until]").forEach((element) => {
    // Above a day the date that the page shows says more than hours would.
    if (leftMs(element) > DAY_MS) return;
    const left = Math.max(0, Math.ceil(leftMs(element) / 1000));
    const hours = Math.floor(left / 3600), minutes = Math.floor(left / 60) % 60;
    const pad = (part) => String(part).padStart(2, "0");
    const label = element.dataset.left ? `${element.dataset.left} ` : "";
    const text = left ? `${label}${hours ? hours + ":" : ""}${pad(minutes)}:${pad(left % 60)}` : element.dataset.over;
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("soon", left < 60);
  });
  document.querySelectorAll("progress[data-until]").forEach((bar) => {
    const whole = Date.parse(bar.dataset.until) - Date.parse(bar.dataset.from);
    bar.value = Math.max(0, Math.min(100, (100 * leftMs(bar)) / whole));
  });
}
count();
setInterval(count, COUNT_MS);

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
document.querySelectorAll("[data-copy]").forEach((button) => {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    const done = () => { button.textContent = button.dataset.copied; };
    if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, () => document.execCommand("copy") && done());
    else if (document.execCommand("copy")) done();
  });
});

// Nobody there any more: the customer's data leave the screen. What was begun stays where it
// is, and whoever comes next finds it in the list of the day.
const idle = document.body.dataset;
if (idle.idleSeconds) {
  let waiting;
  const rest = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => location.replace(idle.idleTo), idle.idleSeconds * 1000);
  };
  ["keydown", "pointerdown", "pointermove", "input", "focusin"].forEach((what) => document.addEventListener(what, rest));
  rest();
}

// The verdict is heard as well as seen: one high tone for yes, two low ones for no.
const TONES = { yes: [880], no: [220, 180], doubt: [440, 330] };
let context; // one for all: browsers give a page only so many, and the till's page stays for hours
function sound(mood) {
  if (!window.AudioContext || !TONES[mood] || document.documentElement.dataset.sound === "off") return;
  try {
    context ??= new AudioContext();
    context.resume(); // a page that nobody had touched yet began with it silent
    TONES[mood].forEach((hertz, place) => {
      const tone = context.createOscillator(), volume = context.createGain();
      const begin = context.currentTime + place * 0.18;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.08, begin);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.16);
      tone.connect(volume).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + 0.17);
    });
  } catch { /* no loudspeaker: the words are on the screen */ }
}
function soundVerdict() {
  const verdict = document.querySelector("[data-verdict]");
  if (verdict) sound(verdict.dataset.verdict);
}
soundVerdict();
document.addEventListener("turned", soundVerdict);

// A choice that changes what has to be asked draws the form anew.
document.querySelectorAll("[data-resend]").forEach((field) => {
  field.addEventListener("change", () => { if (field.form.checkValidity()) field.form.requestSubmit(); });
});

// A picture is read as soon as it is chosen.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send-picture]") && event.target.files.length) event.target.form.requestSubmit();
});
