/* Shows today's list where there is no connection: the last one that was seen, for as long as a session lasts. */
"use strict";
const KEPT = "karma-today";
const PAGE = "/today/";
const LONGEST = 12 * 60 * 60 * 1000;
const PATIENCE = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => event.waitUntil(
  caches.open(KEPT).then((kept) => Promise.allSettled(event.data.map((address) => kept.add(address))))));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const isPage = event.request.mode === "navigate" && pathname === PAGE;
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (isPage || pathname.startsWith("/static/")) event.respondWith(answer(event.request, pathname, isPage));
});

async function answer(request, path, isPage) {
  const kept = await caches.open(KEPT);
  const copy = await kept.match(path, { ignoreVary: true }); // pages vary by cookie; the one that is kept goes at the sign-in page
  const asked = fetch(request).then(async (response) => {
    if (response.ok) await kept.put(path, response.clone());
    else if (isPage && response.status < 429) await kept.delete(path); // led to the sign-in page: the list goes
    return response;
  });
  if (!copy) return asked;
  const slow = new Promise((_, reject) => { setTimeout(() => reject(new Error("slow")), PATIENCE); });
  return Promise.race([asked, slow]).catch(() => isPage ? earlier(copy, asked) : copy);
}

async function earlier(copy, asked) {
  if (Date.now() - Date.parse(copy.headers.get("Date")) > LONGEST) return asked;
  const page = (await copy.text()).replace('id="without" hidden', 'id="without"');
  return new Response(page, { headers: copy.headers });
}
