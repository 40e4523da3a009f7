import { getServers, Resolver } from 'node:dns/promises'

/** What the DNS says of a name. @throws NoName when nothing of the kind is published */
export interface NameServers {
  /** TXT records, each as its parts. */
  txt(name: string): Promise<string[][]>
  /** The mail exchangers, without their order. */
  mx(name: string): Promise<string[]>
}

/** The servers that this machine asks, for as long as a person is ready to wait. */
export function nameServers(servers: readonly string[] = getServers()): NameServers {
  const resolver = new Resolver({ timeout: 2_500, tries: 2 })
  resolver.setServers([...servers])
  return {
    txt: (name) => resolver.resolveTxt(name),
    mx: async (name) => (await resolver.resolveMx(name)).map(({ exchange }) => exchange),
  }
}

const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA'])

/** What was found, nothing, or null where nobody could tell. */
export async function askedOf<T>(question: Promise<T[]>): Promise<T[] | null> {
  try {
    return await question
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null
    return typeof code === 'string' && NOTHING_THERE.has(code) ? [] : null
  }
}
