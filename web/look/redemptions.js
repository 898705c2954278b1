// Pieces of the log are drawn anew when something changes: what had the focus gets it again. / leads to the search.
(() => {
  let last = '';
  document.addEventListener('focusin', (event) => { if (event.target.closest('#log')) last = event.target.id; });
  document.addEventListener('pointerdown', (event) => { if (!event.target.closest('button, input, select, a')) last = ''; });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, select, textarea')) return;
    event.preventDefault();
    document.querySelector('#log input[type=search]')?.focus();
  });
  new MutationObserver(() => {
    if (last && document.activeElement === document.body) document.getElementById(last)?.focus({preventScroll: true});
  }).observe(document.documentElement, {childList: true, subtree: true});
})();
