// In a frame: tell the page around how high the form is. It says nothing else.
(function () {
  "use strict";
  if (window.parent === window) return;
  function tell() {
    window.parent.postMessage({ socialhubForm: document.documentElement.offsetHeight }, "*");
  }
  new ResizeObserver(tell).observe(document.body);
  tell();
})();
