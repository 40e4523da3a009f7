/** What the snippet, the public listener and the links in messages agree on. */

/** The query parameter by which a visitor who followed our link is known. */
export const TOKEN_PARAMETER = 'rk'
/** The first-party cookie that holds the visitor id; set by the server, never by the script. */
export const VISITOR_COOKIE = 'rk_visitor'
/** Browsers keep no cookie for longer than 400 days. */
export const VISITOR_COOKIE_SECONDS = 400 * 24 * 60 * 60
