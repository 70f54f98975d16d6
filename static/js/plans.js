// What the page of a plan that is being put together adds to its form. Steps wait for each other and each says
// what it said when it was taken, however slow the answers are; what is typed meanwhile stays; leaving asks first
// while something is not saved. Everything works without it.
(function () {
  "use strict";

  // Fields that a person goes on with while a step is on its way, also where the whole form is replaced.
  var TYPED = ["title", "constraints", "text", "line", "note"];
  var AGAIN_AFTER = 3000;

  var current = null; // The step that is on its way,
  var waiting = []; // those that come after it,
  var isNext = false; // whether the form is sent for one of these,
  var changed = null; // and the field that is about to be sent.
  var isUnsaved = false;

  function planner() { return document.getElementById("planner"); }
  function line() { return document.getElementById("line"); }

  function typed() {
    var values = {};
    TYPED.forEach(function (id) {
      var field = document.getElementById(id);
      if (field) values[id] = field.value;
    });
    return values;
  }

  // ── Steps ──
  document.addEventListener("change", function (event) {
    changed = event.target.closest("#planner [data-submits]");
  }, true);

  document.addEventListener("input", function (event) {
    if (event.target.closest("#planner")) isUnsaved = true;
  });

  // A button says what it does, a field its own value: by the time that the step is sent, both may be replaced.
  function take(button) {
    var step = { do: button ? button.value : "", fields: {} };
    if (step.do === "add") {
      step.fields.line = line().value;
      line().value = "";
    } else if (!button && changed) {
      step.fields[changed.name] = changed.value;
    }
    return step;
  }

  function isTwice(step) {
    var last = waiting[waiting.length - 1] || current;
    return Boolean(last && step.do && step.do !== "add" && step.do === last.do);
  }

  document.addEventListener("submit", function (event) {
    if (event.target.id !== "planner" || isNext || !window.htmx) return;
    var isBusy = Boolean(current || waiting.length);
    var step = take(event.submitter);
    isUnsaved = true;
    if (!isBusy) {
      current = step;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (!isTwice(step)) waiting.push(step);
  }, true);

  function proceed() {
    if (current || !waiting.length || !planner()) return;
    current = waiting.shift();
    isNext = true;
    planner().requestSubmit();
    isNext = false;
  }

  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.elt.id !== "planner" || !current) return;
    var parameters = event.detail.parameters;
    delete parameters.do;
    if (current.do) parameters.do = current.do;
    Object.keys(current.fields).forEach(function (name) { parameters[name] = current.fields[name]; });
    current.typed = typed();
  });

  // What was not taken is there to be sent again: in its line, or where a list is pasted if the line is in use.
  function giveBack(step) {
    var field = line();
    var words = step && step.fields.line;
    if (!field || !words) return;
    if (!field.value) {
      field.value = words;
      return;
    }
    var text = document.getElementById("text");
    text.value = (text.value ? text.value.replace(/\n*$/, "\n") : "") + "- " + words + "\n";
    document.getElementById("paste").open = true;
  }

  document.addEventListener("htmx:afterRequest", function (event) {
    // The form that asked may have been replaced by the answer: then the event is another element's.
    var config = event.detail.requestConfig;
    if (!config || config.elt.id !== "planner" || !current) return;
    var step = current;
    current = null;
    if (event.detail.successful) {
      // The next one goes when this one's answer has settled, with the line that may have been given back.
      if (document.querySelector("#wishes [data-unclear]")) giveBack(step);
      return;
    }
    if (event.detail.xhr.status) {
      giveBack(step);
      window.setTimeout(proceed);
      return;
    }
    // Nobody has answered. Saving twice makes one plan, and all else is only looked at.
    waiting.unshift(step);
    window.setTimeout(proceed, AGAIN_AFTER);
  });

  // ── What was typed meanwhile stays where the whole form is replaced ──
  var kept = {};
  document.addEventListener("htmx:beforeSwap", function (event) {
    kept = {};
    if (event.detail.target.id !== "planner" || !current || !current.typed) return;
    var now = typed();
    Object.keys(now).forEach(function (id) {
      if (now[id] !== current.typed[id]) kept[id] = now[id];
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    Object.keys(kept).forEach(function (id) {
      var field = document.getElementById(id);
      if (field) field.value = kept[id];
    });
    kept = {};
  });

  // ── What has just been added is what is looked at next ──
  document.addEventListener("htmx:afterSettle", function (event) {
    var target = event.detail.target.id;
    if (target !== "wishes" && target !== "planner") return;
    var field = line();
    var config = event.detail.requestConfig;
    var rows = document.querySelectorAll("#wishes > ol > li");
    if (config && config.parameters.do === "add" && rows.length) rows[rows.length - 1].scrollIntoView({ block: "nearest" });
    if (field && document.activeElement === document.body) field.focus({ preventScroll: true });
    proceed();
  });

  // ── Leaving ──
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    var address = event.detail.xhr.getResponseHeader("HX-Redirect");
    var isSaving = current && ["save", "start", "template"].indexOf(current.do) >= 0;
    if (address && isSaving && address.indexOf("/login/") < 0) isUnsaved = false;
  });
  window.addEventListener("beforeunload", function (event) {
    if (isUnsaved && planner()) event.preventDefault();
  });
})();
