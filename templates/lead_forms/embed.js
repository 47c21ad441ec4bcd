(function () {
  "use strict";
  var script = document.currentScript;
  var page = new URL(script.src.replace(/\.js(\?.*)?$/, "/"));
  var asked = new URLSearchParams(window.location.search);
  page.searchParams.set("embed", "1");
  // Which short link led here, so that the post it stood in gets the credit.
  [["sh_l", "l"], ["sh_d", "d"]].forEach(function (names) {
    if (asked.get(names[0])) page.searchParams.set(names[1], asked.get(names[0]));
  });
  var frame = document.createElement("iframe");
  frame.src = page.href;
  frame.title = "{{ title|escapejs }}";
  frame.style.cssText = "width:100%;max-width:36rem;height:40rem;border:0;color-scheme:auto";
  script.parentNode.insertBefore(frame, script.nextSibling);
  window.addEventListener("message", function (event) {
    var height = event.data && event.data.socialhubForm;
    if (event.source === frame.contentWindow && event.origin === page.origin && height > 0) {
      frame.style.height = Math.min(height, 4000) + "px";
    }
  });
})();
