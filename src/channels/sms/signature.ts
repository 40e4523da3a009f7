import twilio from 'twilio'

/** By which Twilio marks the tries of one webhook; the signature does not cover it. */
export const TRY_HEADER = 'I-Twilio-Idempotency-Token'

/**
 * Whether Twilio signed this webhook with one of our auth tokens (two while one is rotated). `url`
 * is the address that Twilio was given: build it from the configured public URL, the path and the
 * query, never from the Host header. All parameters take part, known or not.
 */
export function signedByTwilio(request: {
  readonly authTokens: readonly string[]
  readonly signature: string | undefined
  readonly url: string
  readonly parameters: Readonly<Record<string, string>>
}): boolean {
  const { authTokens, signature, url, parameters } = request
  if (!signature) return false
  return authTokens.some((token) => twilio.validateRequest(token, signature, url, parameters))
}
