import { Readable } from 'node:stream'

type Streamable = { createReadStream(options?: object): Readable }

export type DataWatch = {
  /** Whether a byte of the message has been handed to a connection. */
  started(): boolean
}

/**
 * Watches the stream that nodemailer reads a message from. It starts reading only once the server
 * has answered DATA with a go-ahead, so an unread stream is proof that nothing left. The pool may
 * try another connection while that is so; should it ever ask for the message a second time after
 * a byte went out, it gets an error instead, because a message must not leave twice.
 */
export function watchData(message: Streamable): DataWatch {
  const create = message.createReadStream.bind(message)
  let current: Readable | null = null
  const started = () => current?.readableDidRead === true

  message.createReadStream = (options) => {
    if (started()) return refusing()
    current = create(options)
    return current
  }
  return { started }
}

function refusing(): Readable {
  return new Readable({
    read() {
      this.destroy(new Error('this message has already begun to leave on another connection'))
    },
  })
}
