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
