// The chosen theme, before anything is drawn: a file of its own because no script may stand in the document, and modules run too late.
try {
  const theme = localStorage.getItem('kwota-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Nothing is kept here: the system's theme holds.
}
