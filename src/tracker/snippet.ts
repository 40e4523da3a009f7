import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The browser's script, as it is served at /t.js. */
export function trackerSnippet(): string {
  return readFileSync(fileURLToPath(new URL('./t.js', import.meta.url)), 'utf8')
}
