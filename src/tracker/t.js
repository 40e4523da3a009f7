// Rekindle's tracker. Install it with one line, through a path of your own site:
//   <script async src="/rk/t.js" data-key="wk_…"></script>
// It reports page visits and the first sign of a person (scroll, click, key). It sets no cookie
// and reads none: the visitor's id is the server's, on your own origin.
;(() => {
  'use strict'
  const script = document.currentScript
  const key = script?.getAttribute('data-key')
  if (!key || window.rekindle) return
  const endpoint = script.src.replace(/t\.js(\?.*)?$/, 't')
  const externalId = script.getAttribute('data-external-id')
  const identify = externalId && { externalId, signature: script.getAttribute('data-signature') }
  const token = takeToken()
  let acted = false
  let lastPage = ''
  let firstAnswer = null

  // The token of a link in one of our messages; it does not stay in the address bar, where it
  // would be copied and shared.
  function takeToken() {
    const url = new URL(location.href)
    const found = url.searchParams.get('rk')
    if (!found) return null
    url.searchParams.delete('rk')
    history.replaceState(history.state, '', url.pathname + url.search + url.hash)
    return found
  }

  function send(event) {
    const page = location.origin + location.pathname
    const body = JSON.stringify({ key, event, page, token, identify: identify || null })
    const report = () =>
      fetch(endpoint, {
        method: 'POST',
        body,
        // As plain text, so that no preflight request is needed.
        headers: { 'Content-Type': 'text/plain' },
        credentials: 'include',
        keepalive: true,
      }).catch(() => navigator.sendBeacon?.(endpoint, body))
    // The first answer gives a new visitor its id: a report beside it would get another.
    if (firstAnswer === null) firstAnswer = report()
    else firstAnswer.then(report)
  }

  function pageSeen() {
    if (location.pathname === lastPage) return
    lastPage = location.pathname
    send('page')
  }

  function personActed(event) {
    if (acted || !event.isTrusted) return
    acted = true
    send('interaction')
  }

  // Pages that change without loading: the History API tells nobody by itself.
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name]
    history[name] = function (...given) {
      const result = original.apply(history, given)
      pageSeen()
      return result
    }
  }
  window.addEventListener('popstate', pageSeen)
  for (const name of ['scroll', 'click', 'keydown', 'pointerdown']) {
    window.addEventListener(name, personActed, { passive: true, capture: true })
  }
  window.rekindle = { page: pageSeen }
  pageSeen()
})()
