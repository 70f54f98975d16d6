// What the pages add to server-rendered HTML: times that stay relative, copy buttons, logs that follow
// their end, menus that close, and a word when the server cannot be reached. Everything works without it.
(function () {
  "use strict";

  // ── Times ──
  var STEPS = [
    [60, "second", 1],
    [3600, "minute", 60],
    [86400, "hour", 3600],
    [604800, "day", 86400],
    [2629800, "week", 604800],
    [31557600, "month", 2629800],
    [Infinity, "year", 31557600],
  ];
  var format = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

  function relative(at, now) {
    var seconds = Math.round((at - now) / 1000);
    var size = Math.abs(seconds);
    if (size < 5) return "just now";
    for (var i = 0; i < STEPS.length; i += 1) {
      if (size < STEPS[i][0]) return format.format(Math.trunc(seconds / STEPS[i][2]), STEPS[i][1]);
    }
    return "";
  }

  function duration(seconds) {
    var s = Math.max(0, Math.floor(seconds));
    var pad = function (n) { return (n < 10 ? "0" : "") + n; };
    if (s < 60) return s + "s";
    if (s < 3600) return Math.floor(s / 60) + "m " + pad(s % 60) + "s";
    return Math.floor(s / 3600) + "h " + pad(Math.floor((s % 3600) / 60)) + "m";
  }

  function tick(root) {
    var now = Date.now();
    root.querySelectorAll("time[data-ago]").forEach(function (time) {
      var text = relative(Date.parse(time.dateTime), now);
      if (time.textContent !== text) time.textContent = text;
    });
    root.querySelectorAll("[data-since]").forEach(function (span) {
      var text = duration((now - Date.parse(span.dataset.since)) / 1000);
      if (span.textContent !== text) span.textContent = text;
    });
  }

  // ── Copying ──
  function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    // http on a name other than localhost has no clipboard API.
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.appendChild(area);
    area.select();
    var isCopied = document.execCommand("copy");
    area.remove();
    return isCopied ? Promise.resolve() : Promise.reject(new Error("copy refused"));
  }

  function announce(text) {
    var notice = document.getElementById("notice");
    if (notice && notice.textContent !== text) notice.textContent = text;
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (button) {
      copyText(button.dataset.copy).then(
        function () {
          button.classList.add("is-copied");
          button.setAttribute("aria-label", "Copied");
          window.setTimeout(function () {
            button.classList.remove("is-copied");
            button.setAttribute("aria-label", "Copy");
          }, 1500);
        },
        function () { announce("The browser refused to copy. Select the text instead."); }
      );
    }
    document.querySelectorAll("details.ap-menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.ap-menu[open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
    var isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var search = document.querySelector("input[type=search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  document.addEventListener("change", function (event) {
    var field = event.target.closest("[data-submits]");
    if (field) field.form.requestSubmit();
  });

  // ── What the reader has unfolded stays so when it is replaced ──
  var unfolded = [];
  document.addEventListener("htmx:beforeSwap", function () {
    unfolded = Array.from(document.querySelectorAll("details[data-keeps-open][open]"), function (box) { return box.id; });
  });
  document.addEventListener("htmx:afterSwap", function () {
    unfolded.forEach(function (id) {
      var box = document.getElementById(id);
      if (box) box.open = true;
    });
  });

  // ── What stands side by side unfolds together ──
  document.addEventListener("toggle", function (event) {
    var group = event.target.dataset && event.target.dataset.together;
    if (!group) return;
    document.querySelectorAll("details[data-together=" + group + "]").forEach(function (box) {
      if (box.open !== event.target.open) box.open = event.target.open;
    });
  }, true);

  // ── Logs: follow the end while the reader is at the end ──
  function isAtEnd(box) {
    return box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  }
  document.addEventListener("htmx:beforeSwap", function (event) {
    var box = event.detail.target.closest && event.detail.target.closest("[data-follow]");
    if (box) box.dataset.follow = isAtEnd(box) ? "yes" : "no";
  });
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("[data-follow=yes]").forEach(function (box) {
      box.scrollTop = box.scrollHeight;
    });
    tick(document);
  });
  document.addEventListener("toggle", function (event) {
    var box = event.target.querySelector && event.target.querySelector("[data-follow=yes]");
    if (box) box.scrollTop = box.scrollHeight;
  }, true);

  // ── Polling: not while nobody looks, and not without end in one page ──
  var MOST_CHUNKS = 100;
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (document.hidden && event.detail.elt.matches("[hx-trigger^=every]")) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("[data-follow=yes]").forEach(function (box) {
      var chunks = box.querySelectorAll(".ap-log-chunk");
      for (var i = 0; i < chunks.length - MOST_CHUNKS; i += 1) {
        if (i === 0) {
          chunks[i].className = "ap-log-note ap-log-dropped";
          chunks[i].textContent = "… older output is in the download …\n";
          box.querySelectorAll(".ap-log-dropped ~ .ap-log-dropped").forEach(function (note) { note.remove(); });
        } else {
          chunks[i].remove();
        }
      }
    });
  });

  // ── A server that does not answer ──
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function () { announce("No connection to Autopack. Trying again…"); });
  });
  document.addEventListener("htmx:responseError", function (event) {
    // Reloading would lose what a form has.
    var next = event.detail.elt.matches("form")
      ? ". What you have entered is still here: try again."
      : " to an update. Reload the page to see more.";
    announce("Autopack answered " + event.detail.xhr.status + next);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.successful) announce("");
  });

  document.addEventListener("DOMContentLoaded", function () {
    tick(document);
    document.querySelectorAll("[data-follow=yes]").forEach(function (box) {
      box.scrollTop = box.scrollHeight;
    });
    window.setInterval(tick, 1000, document);
  });
})();
