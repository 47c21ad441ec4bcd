// "Copy" beside a text: data-copy names the element, data-copied what is said then.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(text.textContent);
    window.SocialHub.say("success", button.dataset.copied);
  } catch {
    // Without the right to write there the text is selected, ready for Ctrl+C.
    window.getSelection().selectAllChildren(text);
  }
});
