"use strict";
// Takes what a scanner types, however fast, and gives it to the shop's service one scan at a
// time and in order. Without scripts the form does the same, one page at a time.
{
  const QUIET_MS = 90; // an input method may send one scan in two bursts
  const KEY_MS = 50; // no hand types this fast
  const BURST = 8;
  const NO_SUFFIX_MS = 300; // a scanner without Enter at the end has finished
  const TRY_AGAIN_MS = 2000;

  const scan = document.getElementById("scan");
  const told = document.getElementById("scans");
  const waiting = []; // {text, at, data}: taken from the field, not yet answered
  let busy = false;
  let takenAt = -Infinity, typedAt = -Infinity, tailAt = -Infinity;
  let burst = 0, before = "", timer, composed = false;

  // -- What is typed becomes a scan

  // A key's own time is taken, not the time a busy page comes to it.
  function typed(event) {
    const at = event.timeStamp;
    if (!before) tailAt = at;
    const more = scan.value.length - before.length;
    const pasted = event.inputType === "insertFromPaste";
    burst = pasted || more < 0 ? 0 : at - typedAt < KEY_MS || !before ? burst + more : more;
    if (!before) burst = pasted ? 0 : more;
    before = scan.value;
    typedAt = at;
    clearTimeout(timer);
    if (burst >= BURST) timer = setTimeout(take, NO_SUFFIX_MS);
  }

  function take(at = performance.now()) {
    clearTimeout(timer);
    const text = scan.value;
    // A scanner that ends with CR and LF presses Enter twice; the second one means nothing.
    const stray = !text.trim() && (busy || waiting.length || at - takenAt < QUIET_MS);
    scan.value = before = "";
    burst = 0;
    takenAt = at;
    if (!stray) waiting.push({ text, at });
    keep();
    tell();
    drain();
  }

  scan.addEventListener("input", typed);
  scan.addEventListener("compositionend", (event) => {
    typed(event);
    if (composed) setTimeout(take, QUIET_MS);
    composed = false;
  });
  scan.addEventListener("keydown", (event) => {
    const lineFeed = event.ctrlKey && event.key.toLowerCase() === "j";
    const tab = event.key === "Tab" && burst >= BURST;
    if (event.key !== "Enter" && !lineFeed && !tab) return;
    if (event.isComposing) { composed = true; return; }
    event.preventDefault();
    take(event.timeStamp);
  });

  // -- A scan goes to the scan field wherever the hands were last

  document.addEventListener("keydown", (event) => {
    // A button that was pressed last keeps the focus; a scan's Enter would press it again.
    const takesText = event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
    const character = event.key.length === 1 && event.key !== " ";
    if (!takesText && character && !event.ctrlKey && !event.altKey && !event.metaKey) scan.focus();
  });
  // Into the price a scanner never types on purpose: what it began there is put right.
  let priceAt = -Infinity, priceScan = "", priceBefore = "";
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "price" || event.isComposing) return;
    const at = event.timeStamp;
    if (at - priceAt >= KEY_MS) { priceScan = ""; priceBefore = event.target.value; }
    priceAt = at;
    // By its keys: the field is too short for a bar code behind a price.
    if (event.key.length === 1) priceScan += event.key;
    if (event.key !== "Enter" || priceScan.length < BURST) return;
    event.preventDefault();
    scan.value = priceScan;
    event.target.value = priceBefore;
    scan.focus();
    take(event.timeStamp);
  });

  // -- One scan after the other

  function drain() {
    if (busy || !waiting.length) return;
    const [next] = waiting;
    if (waiting.length === 1 && !next.data) {
      const quietIn = Math.max(next.at, typedAt) + QUIET_MS - performance.now();
      if (quietIn > 0) return void setTimeout(drain, quietIn + 1);
      // The rest of a scan that an input method cut in two comes at once, and without an Enter.
      if (next.text && scan.value && tailAt - next.at < QUIET_MS) {
        next.text += scan.value;
        scan.value = before = "";
        clearTimeout(timer);
      }
    }
    send(next);
  }

  async function send(next) {
    busy = true;
    const form = scan.form;
    if (!next.data) {
      next.data = new FormData(form);
      next.data.set("scan", next.text);
      next.data.set("act", "next");
      next.data.delete("picture");
      keep();
    }
    tell();
    let answer, page;
    try {
      answer = await fetch(form.action, { method: "POST", body: next.data, headers: { Accept: "text/html" } });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      // The same form once more does nothing twice: the service knows it by its mark.
      told.dataset.lost = "yes";
      tell();
      return void setTimeout(() => { busy = false; drain(); }, TRY_AGAIN_MS);
    }
    delete told.dataset.lost;
    waiting.shift();
    keep();
    if (new URL(answer.url).pathname !== location.pathname || !page.getElementById("scan")) {
      return location.assign(answer.redirected ? answer.url : location.href);
    }
    turn(page, next.data);
    const band = document.querySelector("[data-verdict=no] h1");
    if (!answer.ok && band) note(next.text, band.textContent.replace(/^\s*\S\s/, ""));
    busy = false;
    tell();
    drain();
  }

  // The page as the service drew it, with the scan field and what was typed meanwhile left in place.
  function turn(page, sent) {
    const fresh = page.querySelector("main");
    const at = document.activeElement, kept = {};
    scan.form.querySelectorAll("input:not([type=hidden]):not([type=file]), select").forEach((field) => {
      const value = field.type === "checkbox" ? (field.checked ? field.value : null) : field.value;
      if (field !== scan && field.name && value !== sent.get(field.name)) kept[field.name] = field;
    });
    const place = fresh.querySelector("#scan");
    scan.placeholder = place.placeholder;
    fresh.querySelector("#scans").replaceWith(told);
    place.replaceWith(scan);
    Object.entries(kept).forEach(([name, field]) => {
      const other = fresh.querySelector(`[name="${CSS.escape(name)}"]`);
      if (other) { other.value = field.value; other.checked = field.checked; }
    });
    document.querySelector("main").replaceWith(document.importNode(fresh, false));
    document.querySelector("main").append(...fresh.childNodes);
    const strips = "body > .strip:not([data-stays])";
    document.querySelectorAll(strips).forEach((one) => one.remove());
    document.querySelector("main").before(...page.querySelectorAll(strips));
    (twinOf(at) || scan).focus();
    document.dispatchEvent(new Event("turned"));
  }

  // The new page's field or button in the place of one of the page before; several share a name.
  function twinOf(old) {
    if (!old || !old.name || old === scan) return null;
    const chosen = old.matches("button, [type=radio], [type=checkbox]");
    return [...scan.form.elements].find((one) =>
      one.name === old.name && one.type === old.type && (!chosen || one.value === old.value));
  }

  // A button would leave with the scans that still wait, or act on what nobody has seen yet: it is
  // said that it did not, and she presses it again when they are in.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "sale" || !waiting.length) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.submitter?.textContent.trim()) note(event.submitter.textContent.trim(), told.dataset.pressedText);
    tell();
  }, true);

  // -- Scans outlive the page: left or loaded anew, they go on in their order

  function keep() {
    const harmless = waiting.filter((one) => !window.looksPersonal(one.text));
    window.keptScans.write(harmless.map(({ text, data }) => ({ text, form: fieldsOf(data) })));
  }

  // With its mark: what the service took before the answer was lost is not done twice.
  function fieldsOf(data) {
    const fields = data && [...data].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
    return fields && !fields.some(([, value]) => window.looksPersonal(value)) ? fields : null;
  }

  function takeUp() {
    for (const { text, form } of window.keptScans.read()) {
      let data = null;
      if (form) {
        data = new FormData();
        form.forEach(([name, value]) => data.append(name, value));
        data.set("csrf_token", scan.form.elements.csrf_token.value);
      }
      waiting.push({ text, at: -Infinity, data });
    }
    tell();
    drain();
  }

  // -- What became of them

  function tell() {
    const count = waiting.length;
    document.documentElement.dataset.scansWaiting = count;
    const line = told.querySelector("[data-count]");
    line.hidden = !told.dataset.lost && count < 2;
    line.textContent = told.dataset.lost ? told.dataset.lostText : told.dataset.countText.replace("#", count);
    const unkept = waiting.some((one) => window.looksPersonal(one.text));
    if (told.dataset.lost && unkept) line.textContent += ` ${told.dataset.personalText}`;
    told.hidden = line.hidden && told.children.length < 2;
  }

  // The next scan's band takes the place of this one: what was refused stays in sight.
  function note(text, why) {
    const line = document.createElement("li");
    const shown = text.length > 24 ? `${text.slice(0, 24)}…` : text;
    line.textContent = `✕ ${shown} · ${why}`;
    told.append(line);
    while (told.children.length > 6) told.children[1].remove();
  }

  // The camera reads into the same queue.
  window.takeScan = (text) => { waiting.push({ text, at: performance.now() }); keep(); drain(); };
  takeUp();
}
