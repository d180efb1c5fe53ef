"use strict";
// Scans with the camera: the browser reads where it can, else the shop's own service does.
{
  const LOOK_MS = 350;
  const SIDE_PX = 1000;
  const REST_MS = 2500; // the same code held still is one scan
  const button = () => document.getElementById("camera");
  const video = () => document.getElementById("viewfinder");
  let stream = null, detector = null, last = "", lastAt = -Infinity;

  // Browsers give the camera to https and to the machine itself only; elsewhere a photo does.
  const possible = window.isSecureContext && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch {
      button().hidden = true;
      return;
    }
    if (window.BarcodeDetector) {
      const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
      if (known.includes("qr_code")) detector = new BarcodeDetector({ formats: known });
    }
    show();
    look();
  }

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    show();
  }

  function show() {
    const on = Boolean(stream), pressed = button();
    if (!pressed) return;
    pressed.hidden = !possible;
    pressed.dataset.start ??= pressed.textContent;
    pressed.textContent = on ? pressed.dataset.stop : pressed.dataset.start;
    video().hidden = !on;
    if (video().srcObject !== stream) video().srcObject = stream;
    if (on) video().play().catch(() => {});
  }

  async function look() {
    if (!stream) return;
    const frame = video();
    if (frame.videoWidth && !document.hidden) {
      const texts = await read(frame).catch(() => []);
      const at = performance.now();
      if (texts.length && (texts[0] !== last || at - lastAt > REST_MS)) window.takeScan(texts[0]);
      if (texts.length) { [last] = texts; lastAt = at; }
    }
    setTimeout(look, LOOK_MS);
  }

  async function read(frame) {
    if (detector) return (await detector.detect(frame)).map((one) => one.rawValue);
    const scale = Math.min(1, SIDE_PX / Math.max(frame.videoWidth, frame.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = frame.videoWidth * scale;
    canvas.height = frame.videoHeight * scale;
    canvas.getContext("2d").drawImage(frame, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const form = new FormData();
    form.set("picture", picture, "frame.jpg");
    form.set("csrf_token", document.querySelector("#sale [name=csrf_token]").value);
    const answer = await fetch(button().dataset.readUrl, { method: "POST", body: form });
    return answer.ok ? (await answer.json()).texts : [];
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#camera")) stream ? stop() : start();
  });
  document.addEventListener("turned", show);
  window.addEventListener("pagehide", stop);
  show();
}
