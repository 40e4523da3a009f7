import { type MintedToken, mint } from '../../leads/web/tokens.ts'

/** Collects the tokens of one message while it is made. */
export class Draft {
  readonly tokens: MintedToken[] = []
  readonly #publicUrl: string
  readonly #linkUrl: string

  /** `linkUrl` is where tracked links lead: the brand's own domain for them, if there is one. */
  constructor(publicUrl: string, linkUrl: string = publicUrl) {
    this.#publicUrl = publicUrl
    this.#linkUrl = linkUrl
  }

  unsubscribe(): string {
    return `${this.#publicUrl}/u/${this.#add(mint('unsubscribe'))}`
  }

  /** Where one press says why the lead did not answer. */
  why(): string {
    return `${this.#publicUrl}/why/${this.#add(mint('why'))}`
  }

  redirect(target: string): string {
    return `${this.#linkUrl}/r/${this.#add(mint('redirect', target))}`
  }

  /** The address of a picture that tells when the email is opened. */
  pixel(): string {
    return `${this.#linkUrl}/o/${this.#add(mint('open'))}.gif`
  }

  /** The token for an address of ours that bounces or answers of this message come to. */
  mailbox(purpose: 'bounce' | 'reply'): string {
    return this.#add(mint(purpose))
  }

  #add(minted: MintedToken): string {
    this.tokens.push(minted)
    return minted.token
  }
}
