// Sets the theme before the first paint; loaded in <head> without `defer` for that reason.
// The choice is "light", "dark" or "auto" (the system's), kept in this browser.
(function () {
  "use strict";
  var KEY = "autopack-theme";
  var CHOICES = ["auto", "light", "dark"];
  var root = document.documentElement;
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function read() {
    try {
      var kept = window.localStorage.getItem(KEY);
      return CHOICES.indexOf(kept) >= 0 ? kept : "auto";
    } catch (refused) {
      return "auto"; // storage is switched off: the choice lasts for this page
    }
  }

  function keep(choice) {
    try {
      window.localStorage.setItem(KEY, choice);
    } catch (refused) {
      return;
    }
  }

  function apply(choice) {
    var isDark = choice === "dark" || (choice === "auto" && system.matches);
    root.setAttribute("data-bs-theme", isDark ? "dark" : "light");
    root.setAttribute("data-theme-choice", choice);
    document.querySelectorAll("[data-theme-switch]").forEach(function (button) {
      button.setAttribute("aria-label", "Theme: " + choice + ". Switch");
      button.title = "Theme: " + choice;
    });
  }

  apply(read());
  system.addEventListener("change", function () {
    apply(read());
  });
  window.addEventListener("storage", function (event) {
    if (event.key === KEY) apply(read());
  });
  document.addEventListener("DOMContentLoaded", function () {
    apply(read());
    document.addEventListener("click", function (event) {
      if (!event.target.closest("[data-theme-switch]")) return;
      var choice = CHOICES[(CHOICES.indexOf(root.getAttribute("data-theme-choice")) + 1) % CHOICES.length];
      keep(choice);
      apply(choice);
    });
  });
})();
