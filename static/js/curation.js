// What the curation inbox adds to server-rendered HTML: picking many at once, keys, and waiting for what is
// being kept before a decision goes out. Everything works without it.
(function () {
  "use strict";

  var pending = 0;
  var waiting = null;

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }

  // ── Picking ──
  function count() {
    var boxes = all("[data-pick]");
    var picked = boxes.filter(function (box) { return box.checked; }).length;
    var label = document.querySelector("[data-picked]");
    var master = document.querySelector("[data-pick-all]");
    if (!label || !master) return;
    var text = picked ? picked + " selected" : "All on this page";
    if (label.textContent !== text) label.textContent = text;
    master.checked = boxes.length > 0 && picked === boxes.length;
    master.indeterminate = picked > 0 && picked < boxes.length;
    master.disabled = boxes.length === 0;
  }

  function mark(edit) {
    var field = edit.querySelector("[name$='-feature']");
    edit.classList.toggle("is-source", Boolean(field && field.value.trim()));
  }

  function refresh() {
    all("[data-feature]").forEach(function (button) { button.hidden = false; });
    all("[data-edit]").forEach(mark);
    count();
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-pick-all]")) {
      all("[data-pick]").forEach(function (box) { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-across]")) {
      all("[data-pick]").forEach(function (box) { box.checked = event.target.checked; });
    }
    refresh();
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-feature]");
    if (!button) return;
    var field = button.closest("[data-candidate]").querySelector("[name$='-feature']");
    if (!field) return;
    field.value = button.dataset.feature;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });

  // ── Decisions wait for what is being kept ──
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.matches("[data-edit]")) pending += 1;
    if (document.hidden && event.target.id === "run-progress") event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (!event.target.matches("[data-edit]")) return;
    pending -= 1;
    if (pending === 0 && waiting) {
      var button = waiting;
      waiting = null;
      button.form.requestSubmit(button);
    }
  });
  document.addEventListener("submit", function (event) {
    if (!event.target.matches("[data-decide]") || pending === 0) return;
    event.preventDefault();
    waiting = event.submitter;
  });
  document.addEventListener("htmx:afterSettle", refresh);
  document.addEventListener("DOMContentLoaded", refresh);

  // ── Keys ──
  function step(by) {
    var rows = all("[data-candidate]");
    if (!rows.length) return;
    var at = rows.indexOf(document.activeElement && document.activeElement.closest("[data-candidate]"));
    var next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  var KEYS = {
    j: function () { step(1); },
    k: function () { step(-1); },
    x: function (row) {
      var box = row && row.querySelector("[data-pick]");
      if (box) box.click();
    },
    e: function (row) {
      var field = row && row.querySelector("[data-edit] input");
      if (field) field.select();
    },
    o: function (row) {
      var parts = row ? all("[data-unfolds]", row) : [];
      var isOpen = parts.some(function (part) { return part.open; });
      parts.forEach(function (part) { part.open = !isOpen; });
    },
    r: function () {
      var field = document.querySelector("[data-reason]");
      if (field) field.focus();
    },
    "/": function () {
      var field = document.getElementById("find");
      if (field) field.focus();
    },
  };

  document.addEventListener("keydown", function (event) {
    var isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (isTyping) {
      var row = event.target.closest("[data-candidate]");
      if (row && event.key === "Escape") row.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](document.activeElement && document.activeElement.closest("[data-candidate]"));
  });
})();
