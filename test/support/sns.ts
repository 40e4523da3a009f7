// A certificate of our own and messages signed with it, as SNS would send them.
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type SnsMessage, signedText } from '../../src/channels/email/sns.ts'

/** DER by hand: a self-signed certificate needs no more than this. */
const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const size = body.length
  const length =
    size < 128
      ? Buffer.from([size])
      : size < 256
        ? Buffer.from([0x81, size])
        : Buffer.from([0x82, size >> 8, size & 255])
  return Buffer.concat([Buffer.from([tag]), length, body])
}
const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts)
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'))
const time = (at: Date) =>
  tlv(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))

const SHA256_WITH_RSA = sequence(oid('2a864886f70d01010b'), tlv(0x05))

export interface Signer {
  /** What lies at SigningCertURL. */
  readonly certificate: string
  sign(message: Omit<SnsMessage, 'Signature'>): SnsMessage
}

/** A signer whose certificate is valid from `from` to `to`. */
export function snsSigner(from: Date, to: Date): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = certificateOf(privateKey, publicKey, from, to)
  return {
    certificate,
    sign: (message) => {
      const algorithm = message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1'
      const Signature = createSign(algorithm).update(signedText(message)).sign(privateKey, 'base64')
      return { ...message, Signature }
    },
  }
}

function certificateOf(privateKey: KeyObject, publicKey: KeyObject, from: Date, to: Date): string {
  const name = sequence(
    tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from('sns.amazonaws.com')))),
  )
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    SHA256_WITH_RSA,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey)
  const der = sequence(body, SHA256_WITH_RSA, tlv(0x03, Buffer.from([0]), signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
