// Rekindle's tracker. Install it with one line, through a path of your own site:
//   <script async src="/rk/t.js" data-key="wk_…"></script>
// It reports page visits and the first sign of a person (scroll, click, key). It sets no cookie
// and reads none: the visitor's id is the server's, on your own origin.
;(function () {
  'use strict'
  var script = document.currentScript
  var key = script && script.getAttribute('data-key')
  if (!key || window.rekindle) return
  var endpoint = script.src.replace(/t\.js(\?.*)?$/, 't')
  var identify = script.getAttribute('data-external-id') && {
    externalId: script.getAttribute('data-external-id'),
    signature: script.getAttribute('data-signature'),
  }
  var token = takeToken()
  var acted = false
  var lastPage = ''

  // The token of a link in one of our messages; it does not stay in the address bar, where it
  // would be copied and shared.
  function takeToken() {
    var url = new URL(location.href)
    var found = url.searchParams.get('rk')
    if (!found) return null
    url.searchParams.delete('rk')
    history.replaceState(history.state, '', url.pathname + url.search + url.hash)
    return found
  }

  function send(event) {
    var body = JSON.stringify({
      key: key,
      event: event,
      page: location.origin + location.pathname,
      token: token,
      identify: identify || null,
    })
    // As plain text, so that no preflight request is needed.
    fetch(endpoint, {
      method: 'POST',
      body: body,
      headers: { 'Content-Type': 'text/plain' },
      credentials: 'include',
      keepalive: true,
    }).catch(function () {
      if (navigator.sendBeacon) navigator.sendBeacon(endpoint, body)
    })
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
  ;['pushState', 'replaceState'].forEach(function (name) {
    var original = history[name]
    history[name] = function () {
      var result = original.apply(history, arguments)
      pageSeen()
      return result
    }
  })
  window.addEventListener('popstate', pageSeen)
  ;['scroll', 'click', 'keydown', 'pointerdown'].forEach(function (name) {
    window.addEventListener(name, personActed, { passive: true, capture: true })
  })
  window.rekindle = { page: pageSeen }
  pageSeen()
})()
