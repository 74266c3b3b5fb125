// Three small manners of pages; everything works without them.

// A part that brings itself up to date stays as it is while somebody points at it or is inside of it,
// while some of its text is marked, and while nobody looks at the page.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  const marked = document.getSelection();
  const busy =
    document.hidden ||
    part.matches(":hover") ||
    part.contains(document.activeElement) ||
    (!marked.isCollapsed && part.contains(marked.anchorNode));
  if (busy) event.preventDefault();
});

// A form that is being sent says so, and is sent once.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
  button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// A page that is meant for paper has a button for it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
