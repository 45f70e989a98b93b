/* Keys that work on every page. Everything that they do has a link or a button as well. */
(() => {
  "use strict";
  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
  const go = (name) => { const link = document.querySelector(`[data-key="${name}"]`); if (link) link.click(); };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); go("search"); return; }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form) { event.target.form.requestSubmit(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const field = document.querySelector("[data-filter]");
    if (event.key === "/") { event.preventDefault(); if (field) field.focus(); else go("search"); }
    if (event.key === "?") go("keys");
    if (event.key === "n") go("new");
    if (event.key === "e") go("edit");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
})();

/* Today without a connection: what one notes waits on this device, in order, and goes along as soon as it can. */
(() => {
  "use strict";
  const KEPT = "karma-today";
  if (document.querySelector(".entrance") && self.caches) caches.delete(KEPT); // nobody is signed in: no list stays
  const list = () => document.querySelector("#today[data-person]");
  if (!list()) return;
  const person = list().dataset.person;
  const isEarlier = !document.querySelector("#without").hidden;
  const all = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
  const own = (isRefused) => all().filter((note) => note.person === person && Boolean(note.isRefused) === isRefused);
  const store = (notes) => (notes.length ? localStorage.setItem(KEPT, JSON.stringify(notes)) : localStorage.removeItem(KEPT));
  const wordsOf = (note) => note.fields.filter(([name]) => name === "summary").map(([, words]) => words).join("");

  const mark = (note) => {
    const [, , customer, act] = note.action.split("/");
    const line = document.getElementById(`c${customer}`);
    if (!line || line.dataset.kept === note.at) return;
    line.dataset.kept = note.at;
    line.classList.add("is-kept");
    line.querySelectorAll(".kept").forEach((element) => element.remove());
    line.append(document.getElementById("kept").content.cloneNode(true));
    const form = line.querySelector("form.kept");
    if (act === "done") { form.action = note.action.replace("/done/", "/words/"); return; }
    form.remove();
    if (wordsOf(note)) line.querySelector(".kept span").prepend(`${wordsOf(note)} `);
  };
  const show = () => {
    if (!list()) return;
    document.querySelector("#without").hidden = navigator.onLine && !isEarlier && !own(false).length;
    new Map(own(false).map((note) => [note.action.split("/")[2], note])).forEach(mark); // a line says what came last
    const refused = document.querySelector("#refused");
    refused.hidden = !own(true).length;
    refused.querySelector("ul").replaceChildren(...own(true).map((note) => {
      const item = document.createElement("li");
      item.textContent = [note.name, wordsOf(note)].filter(Boolean).join(": ");
      return item;
    }));
    refused.querySelector("button").onclick = () => { store(all().filter((note) => note.person !== person || !note.isRefused)); show(); };
  };
  const keep = (form, button) => {
    const action = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    const fields = [...new FormData(form, button)].filter(([name]) => name !== "csrfmiddlewaretoken");
    const line = form.closest("li");
    const name = line ? line.querySelector("a").textContent : "";
    store([...all(), { person, action: new URL(action, location).pathname, fields, name, at: new Date().toISOString() }]);
    show();
    const next = line && (line.querySelector("form.kept input") || line.querySelector("p.kept"));
    if (next) next.focus();
  };
  let isSending = false;
  const send = async () => {
    if (isSending || !navigator.onLine || !own(false).length) return;
    isSending = true;
    try {
      const page = new DOMParser().parseFromString(await (await fetch("/today/")).text(), "text/html");
      const theirs = page.querySelector("#today[data-person]");
      if (!theirs || theirs.dataset.person !== person) return; // somebody has to sign in first
      const headers = JSON.parse(page.body.getAttribute("hx-headers:inherited"));
      for (const note of own(false)) {
        const body = new URLSearchParams([...note.fields, ["happened_at", note.at]]);
        const answer = await fetch(note.action, { method: "POST", headers, body });
        if (answer.status >= 500 || answer.status === 429) return; // busy: later
        const isIn = answer.ok && new URL(answer.url).pathname === "/today/";
        store(all().flatMap((each) => (each.at !== note.at || each.action !== note.action ? [each] : isIn ? [] : [{ ...each, isRefused: true }])));
      }
      location.assign("/today/");
    } catch (fault) {
      show(); // still no connection
    } finally {
      isSending = false;
    }
  };
  document.addEventListener("submit", (event) => {
    if (navigator.onLine && !event.target.matches(".kept") || !list() || !list().contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keep(event.target, event.submitter);
    send();
  }, true);
  document.addEventListener("htmx:error", ({ target, detail }) => {
    if (target.matches("#today form") && detail.ctx && !detail.ctx.response) keep(target, detail.ctx.sourceEvent.submitter);
  });
  document.addEventListener("htmx:after:swap", show);
  addEventListener("online", () => { show(); send(); });
  addEventListener("offline", show);
  setInterval(send, 60000);
  show();
  send();
  if (navigator.serviceWorker) {
    const files = performance.getEntriesByType("resource").map((each) => new URL(each.name));
    const shown = files.filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/"));
    const isFirst = !navigator.serviceWorker.controller;
    navigator.serviceWorker.register(list().dataset.worker)
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => isFirst && active.postMessage(["/today/", ...shown.map((url) => url.pathname)]))
      .catch(() => {}); // no place to keep it: Today works with a connection
  }
})();
