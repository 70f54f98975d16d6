// What the page of a new plan adds to its form: the line is free for the next feature as soon as one is on
// its way, and what was typed meanwhile stays. Everything works without it.
(function () {
  "use strict";

  function line() { return document.getElementById("line"); }

  document.addEventListener("htmx:configRequest", function (event) {
    var field = line();
    if (!field || event.detail.elt.id !== "planner" || event.detail.parameters.do !== "add") return;
    field.dataset.sent = field.value;
    field.value = "";
  });

  // Nobody has taken it: it is there to be sent again.
  function giveBack() {
    var field = line();
    if (field && field.dataset.sent && !field.value) field.value = field.dataset.sent;
  }
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, giveBack);
  });

  // What has just been added is what is looked at next.
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.target.id !== "wishes") return;
    // What is not clear is there to be said otherwise.
    if (document.querySelector("#wishes [data-unclear]")) giveBack();
    var field = line();
    var config = event.detail.requestConfig;
    var rows = document.querySelectorAll("#wishes > ol > li");
    if (config && config.parameters.do === "add" && rows.length) rows[rows.length - 1].scrollIntoView({ block: "nearest" });
    if (field && document.activeElement === document.body) field.focus({ preventScroll: true });
  });
})();
