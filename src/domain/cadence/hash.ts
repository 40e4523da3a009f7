/**
 * A number in [0, 1) that depends on `parts` alone: the same lead, episode and step always get
 * the same one, and different leads get numbers spread evenly. FNV-1a over the UTF-16 code units,
 * then MurmurHash3's 32-bit finaliser, because FNV alone spreads similar ids poorly. Not for
 * secrets.
 */
export function stableFraction(...parts: readonly string[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1) {
      hash = Math.imul(hash ^ part.charCodeAt(index), 0x01000193)
    }
    // A separator that ids do not hold, so that "ab" + "c" differs from "a" + "bc".
    hash = Math.imul(hash ^ 0x1f, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
