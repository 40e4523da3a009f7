// The arrows between the rooms of src/. They go one way; scripts/check-rooms.js holds them.
// Each room lists the rooms it may use; whatever is not listed is forbidden.
// A room under `types` may be imported with `import type` only.

const path = require('node:path')

const rooms = {
  domain: { uses: [] },
  workflows: { uses: [], types: ['domain', 'activities'], except: 'src/domain/contract.ts' },
  store: { uses: ['domain'] },
  channels: { uses: ['domain'] },
  leads: { uses: ['domain', 'store', 'channels'], types: ['temporal'] },
  temporal: {
    uses: ['domain', 'store', 'leads'],
    types: ['workflows', 'activities'],
    except: 'src/workflows/search-attributes.ts',
  },
  activities: { uses: ['domain', 'store', 'channels', 'leads'] },
  local: { uses: ['domain', 'store', 'channels', 'leads'] },
  tracker: { uses: [] },
  api: {
    uses: ['domain', 'store', 'channels', 'leads', 'temporal', 'local', 'tracker'],
    types: ['workflows', 'activities'],
  },
  console: { uses: ['domain', 'store', 'channels', 'leads', 'temporal', 'local'], types: ['api'] },
}

/** Folders that belong to a main: they may use every room. */
const mains = ['cli', 'wiring']

/** The engine of rehearsals and the demo: it lives in a room, and wires like a main. */
const lab = '^src/local/lab\\.ts$'

/** Rooms that also never see the mains' configuration: they get values, not settings. */
const withoutConfig = ['domain', 'workflows', 'tracker']

const roomRules = Object.entries(rooms).flatMap(([room, { uses, types = [], except }]) => {
  const known = Object.keys(rooms)
  const strangers = known.filter((other) => ![room, ...uses, ...types].includes(other))
  const rules = [
    {
      name: `${room}-keeps-to-its-arrows`,
      comment: `${room} may use: ${[...uses, ...types.map((t) => `types of ${t}`)].join(', ') || 'nothing'}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${strangers.join('|')})/` },
    },
    {
      name: `${room}-imports-no-main`,
      comment: 'The mains wire the rooms together; no room knows a main.',
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: lab },
      to: { path: [`^src/((${mains.join('|')})/|(cli|worker|server|start)\\.ts$)`, lab] },
    },
  ]
  if (types.length > 0) {
    rules.push({
      name: `${room}-takes-types-only`,
      comment: `${room} imports ${types.join(' and ')} with \`import type\` only.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: `^src/(${types.join('|')})/`,
        ...(except ? { pathNot: `^${except.replaceAll('.', '\\.')}$` } : {}),
        dependencyTypesNot: ['type-only'],
      },
    })
  }
  return rules
})

module.exports = {
  /** Known to scripts/check-rooms.js: a folder of src/ that is no room has no arrows to keep. */
  rooms: [...Object.keys(rooms), ...mains],
  forbidden: [
    ...roomRules,
    {
      name: 'no-configuration-inside',
      comment: 'These rooms are handed values; they read no settings.',
      severity: 'error',
      from: { path: `^src/(${withoutConfig.join('|')})/` },
      to: { path: '^src/config' },
    },
    {
      name: 'pure-code-does-no-io',
      comment:
        'Domain code and workflows use no module of Node: I/O belongs in activities. ' +
        "The policy's tables are read once, at import: JSON beside src/ cannot be imported.",
      severity: 'error',
      from: {
        path: '^src/(domain|workflows)/',
        pathNot: '^src/domain/(policy/data|replies/shipped)\\.ts$',
      },
      // A checksum is a pure function, wherever it is implemented.
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'the-contract-is-constants',
      comment: 'Workflows import it as it is, so it takes nothing but types from others.',
      severity: 'error',
      from: { path: '^src/domain/contract\\.ts$' },
      to: { dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'domain-knows-few-packages',
      comment: 'Pure libraries only; those that parse and render only where files are read.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: '^src/domain/(cadence|templates|replies)/' },
      to: {
        path: 'node_modules/',
        pathNot:
          'node_modules/(temporal-polyfill|libphonenumber-js|isbot|sms-segments-calculator)/',
      },
    },
    {
      name: 'parsing-and-rendering-know-few-packages',
      severity: 'error',
      comment: 'Cadence and template files need these, and no more.',
      from: { path: '^src/domain/(cadence|templates)/' },
      to: {
        path: 'node_modules/',
        pathNot:
          'node_modules/(temporal-polyfill|libphonenumber-js|zod|yaml|liquidjs|marked|html-to-text|@types/.*)/',
      },
    },
    {
      name: 'understanding-answers-knows-few-packages',
      severity: 'error',
      comment: 'Quoted history, dates in words, and the rules that are files.',
      from: { path: '^src/domain/replies/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/(temporal-polyfill|zod|email-reply-parser|chrono-node)/',
      },
    },
    {
      name: 'workflows-know-temporal-only',
      comment: 'Every package in the bundle costs memory for each sleeping lead.',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/@temporalio/(workflow|common)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-workflows-run-in-the-sandbox',
      comment: '@temporalio/workflow works nowhere else.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/workflows/' },
      to: { path: 'node_modules/@temporalio/workflow/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-needs-no-development-package',
      comment: 'What runs in production is a dependency, not a devDependency.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-knows-no-tests',
      severity: 'error',
      comment: 'Nothing that ships imports tests, benchmarks or scripts.',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
}
