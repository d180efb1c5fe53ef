"use strict";
// Keeps styles, scripts and one page for a lost service. Pages and answers are never kept: they
// hold customers' data. The service writes self.SHELL above this line.
const { version, page, kept } = self.SHELL;
const NAME = `shell-${version}`;
const PATIENCE_MS = 15000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(kept)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") return event.respondWith(visit(request));
  if (request.method === "GET" && new URL(request.url).pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request)));
  }
});

async function visit(request) {
  const answers = [fetch(request)];
  // A line that swallows everything is as good as none; a write is waited for.
  if (request.method === "GET") answers.push(new Promise((_, fail) => setTimeout(fail, PATIENCE_MS)));
  try {
    return await Promise.race(answers);
  } catch {
    return (await caches.match(page)) || Response.error();
  }
}
