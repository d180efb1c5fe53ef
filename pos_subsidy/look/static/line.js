"use strict";
// A lost line loses no input: a form waits until the service can be reached, and what was typed
// into a sale comes back. No name and no ID number is ever kept; the sale's page has neither.
{
  const PATIENCE_MS = 3000;
  const TRY_AGAIN_MS = 1500;
  const KEPT = "sale", LOST = "sale-lost";
  // A resident ID number has 18 characters; what might be one is kept nowhere.
  window.looksPersonal = (text) => /(^|\D)\d{17}[\dX]($|\D)/i.test(text.normalize("NFKC").replace(/[\s-]/g, ""));
  // Scans that the service has not had yet. Another cashier in the same window must not find
  // somebody else's in her sale.
  const SCANS = "scans", owner = document.querySelector(".where")?.textContent;
  window.keptScans = {
    write(scans) {
      if (scans.length) sessionStorage.setItem(SCANS, JSON.stringify({ owner, scans }));
      else sessionStorage.removeItem(SCANS);
    },
    read() {
      const kept = JSON.parse(sessionStorage.getItem(SCANS) || "null");
      if (kept && kept.owner === owner) return kept.scans;
      sessionStorage.removeItem(SCANS);
      return [];
    },
  };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  async function reachable() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      // Any answer of the service's own will do: what is wrong it says itself.
      return answer.status !== 502 && answer.status !== 504;
    } catch {
      return false;
    }
  }

  // -- The page of a lost service, shown in place of another one

  if (document.body.hasAttribute("data-unreachable")) {
    sessionStorage.setItem(LOST, "yes");
    (async () => {
      do await wait(TRY_AGAIN_MS); while (!(await reachable()));
      if (sessionStorage.getItem(KEPT) || location.pathname === "/unreachable") location.replace("/till");
      else location.reload();
    })();
  } else {
    giveBack();
    document.addEventListener("submit", beforeSending, true);
    window.addEventListener("pagehide", keep);
    // Where the browser allows none, pages work as before.
    if (navigator.serviceWorker) navigator.serviceWorker.register("/sw.js").catch(() => {});
  }

  // -- A form waits for the line

  function beforeSending(event) {
    const form = event.target;
    if (!form.matches("[data-once-only]")) return;
    if (form.dataset.reached) return void delete form.dataset.reached;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!form.dataset.sent) send(form, event.submitter);
  }

  async function send(form, submitter) {
    const band = document.getElementById("lost-line");
    form.dataset.sent = "yes";
    while (!(await reachable())) {
      band.hidden = false;
      await wait(TRY_AGAIN_MS);
    }
    band.hidden = true;
    delete form.dataset.sent;
    if (!form.isConnected) return;
    form.dataset.reached = "yes";
    form.requestSubmit(submitter);
  }

  // -- What was typed into a sale

  function keep() {
    const form = document.getElementById("sale");
    if (!form) return;
    // Its tick that an ID was compared is made anew; a mark of the form is good once.
    const typed = [...form.elements].filter((field) => field.value && !window.looksPersonal(field.value) && field.matches("input:not([type=hidden]):not([type=file]):not([type=checkbox]):not([type=password]), select"));
    sessionStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(typed.map((field) => [field.name, field.value]))));
  }

  function giveBack() {
    const kept = sessionStorage.getItem(KEPT), lost = sessionStorage.getItem(LOST);
    const form = document.getElementById("sale");
    // Another page that was answered between: the sale itself may still be waiting to be opened.
    if (lost && !form && location.pathname.startsWith("/till")) return;
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(LOST);
    if (!lost || !kept || !form) return;
    Object.entries(JSON.parse(kept)).forEach(([name, value]) => {
      if (form.elements[name]) form.elements[name].value = value;
    });
    document.getElementById("given-back").hidden = false;
  }
}
