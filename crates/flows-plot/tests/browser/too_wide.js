(() => {
  // The innermost elements that reach beyond the window, other than those in a part that scrolls on its own.
  const width = document.documentElement.clientWidth;
  const beyond = element => element.getBoundingClientRect().right > width + 0.5;
  const found = [...document.body.querySelectorAll("*")].filter(beyond);
  const inner = found.filter(element => !element.closest(".scroll") && ![...element.children].some(beyond));
  return inner.map(element => element.outerHTML.slice(0, 160));
})()
