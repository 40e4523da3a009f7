import type { SourceFile } from '../../templates/parse.ts'
import { isRecord } from '../file/issues.ts'
import { readYaml } from '../file/yaml-source.ts'
import { checksum } from './checksum.ts'

/** A published thing with all its versions, the newest first. */
export interface PublishedFile {
  /** For a cadence its name; for a file of a template its path. */
  readonly name: string
  /** Where it is written to, when it is pulled. */
  readonly path: string
  readonly version: number
  readonly publishedAt: string
  readonly publishedBy: string | null
  /** The checksum of its text in each version, the newest first. */
  readonly checksums: readonly { readonly version: number; readonly checksum: string }[]
}

/** How a file stands to what is published. */
export type DriftState = 'same' | 'edited' | 'behind' | 'only_file' | 'only_published'

export interface Drift {
  readonly kind: 'cadence' | 'template'
  readonly name: string
  readonly path: string
  readonly state: DriftState
  /** The published version; null when nothing of the name is published. */
  readonly version: number | null
  /** The published version that the file equals, for one that is behind. */
  readonly fileVersion: number | null
  readonly fileChecksum: string | null
  readonly publishedChecksum: string | null
  readonly publishedAt: string | null
  readonly publishedBy: string | null
  /** One line for people. */
  readonly words: string
}

/**
 * Compares a company's files with what is published. The published version is the truth: a file
 * that equals an older version is behind it, one that equals none was edited.
 */
export function driftOf(
  files: readonly SourceFile[],
  published: {
    readonly cadences: readonly PublishedFile[]
    readonly templates: readonly PublishedFile[]
  },
): Drift[] {
  const named = files
    .filter(({ path }) => /^cadences\/[^/]+\.ya?ml$/.test(path))
    .map((file) => ({ name: nameIn(file), file }))
  const texts = files
    .filter(({ path }) => path.startsWith('templates/'))
    .map((file) => ({ name: file.path, file }))
  return [
    ...compare('cadence', named, published.cadences),
    ...compare('template', texts, published.templates),
  ]
}

/** The name that a cadence's file gives, also when the rest of it is wrong; else the file's. */
function nameIn({ path, text }: SourceFile): string {
  const reading = readYaml(path, text)
  const value = reading.ok ? reading.source.value : null
  if (isRecord(value) && typeof value.name === 'string') return value.name
  return path.replace(/^cadences\//, '').replace(/\.ya?ml$/, '')
}

function compare(
  kind: Drift['kind'],
  files: readonly { readonly name: string; readonly file: SourceFile }[],
  published: readonly PublishedFile[],
): Drift[] {
  const names = [...new Set([...files, ...published].map(({ name }) => name))].sort()
  return names.map((name) => {
    const file = files.find((each) => each.name === name)?.file ?? null
    const known = published.find((each) => each.name === name) ?? null
    return drift(kind, name, file, known)
  })
}

function drift(
  kind: Drift['kind'],
  name: string,
  file: SourceFile | null,
  published: PublishedFile | null,
): Drift {
  const fileChecksum = file === null ? null : checksum(file.text)
  const current = published?.checksums[0]?.checksum ?? null
  const equal = published?.checksums.find((each) => each.checksum === fileChecksum)?.version ?? null
  const state = stateOf(file, published, fileChecksum === current, equal)
  const at = {
    kind,
    name,
    path: file?.path ?? published?.path ?? '',
    state,
    version: published?.version ?? null,
    fileVersion: state === 'behind' ? equal : null,
    fileChecksum,
    publishedChecksum: current,
    publishedAt: published?.publishedAt ?? null,
    publishedBy: published?.publishedBy ?? null,
  }
  return { ...at, words: driftWords(at) }
}

function stateOf(
  file: SourceFile | null,
  published: PublishedFile | null,
  isCurrent: boolean,
  equal: number | null,
): DriftState {
  if (file === null) return 'only_published'
  if (published === null) return 'only_file'
  if (isCurrent) return 'same'
  return equal === null ? 'edited' : 'behind'
}

function driftWords({ state, version, fileVersion }: Omit<Drift, 'words'>): string {
  switch (state) {
    case 'same':
      return `as published, version ${version}`
    case 'edited':
      return `file differs from published version ${version}`
    case 'behind':
      return `published elsewhere: version ${version} is newer than this file, which is version ${fileVersion}`
    case 'only_file':
      return 'only a file: not published'
    case 'only_published':
      return `only published, version ${version}: no file here`
  }
}
