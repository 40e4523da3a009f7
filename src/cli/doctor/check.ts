/** What one look found. `missing`: a start would fail. `warning`: it would not be as wished. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'info' | 'warning' | 'missing'
  readonly message: string
  /** What to do; null when there is nothing to be done. */
  readonly fix: string | null
}

/** Makes the checks of one subject. */
export function checks(name: string) {
  const say =
    (state: Check['state']) =>
    (message: string, fix: string | null = null): Check => ({ name, state, message, fix })
  return { ok: say('ok'), info: say('info'), warning: say('warning'), missing: say('missing') }
}

/** An error that carries what to do about it, else its own first line. */
export function because(error: unknown): { readonly message: string; readonly fix: string | null } {
  if (!(error instanceof Error)) return { message: String(error), fix: null }
  const fix = 'fix' in error && typeof error.fix === 'string' ? error.fix : null
  const [message = error.name] = error.message.split('\n')
  return { message, fix }
}
