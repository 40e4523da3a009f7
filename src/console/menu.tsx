import type { FC } from 'hono/jsx'
import { safeUrl } from './security.ts'
import type { View } from './view.ts'

/**
 * What the menu names, and the pages that stand together under each name. The bar holds few names,
 * so that it is one line on a small screen; a page's neighbours stand below it.
 */
const MENU = [
  [
    { href: '/', label: 'Leads', at: 'leads' },
    { href: '/bulk', label: 'Many', at: 'bulk' },
  ],
  [{ href: '/tasks', label: 'Tasks', at: 'tasks' }],
  [{ href: '/mail', label: 'Mail', at: 'mail' }],
  [{ href: '/outbox', label: 'Outbox', at: 'outbox' }],
  [
    { href: '/cadences', label: 'Cadences', at: 'cadences' },
    { href: '/cadences/results', label: 'Results', at: 'results' },
    { href: '/offerings', label: 'Offerings', at: 'offerings' },
    { href: '/webhooks', label: 'Webhooks', at: 'webhooks' },
  ],
  [
    { href: '/policy', label: 'Policy', at: 'policy' },
    { href: '/consent', label: 'Consent', at: 'consent' },
    { href: '/emergency', label: 'Emergency stops', at: 'emergency' },
    { href: '/outbound', label: 'Going live', at: 'outbound' },
  ],
  [{ href: '/alerts', label: 'Alerts', at: 'alerts' }],
] as const

/** The page of the menu that is shown. */
export type Place = (typeof MENU)[number][number]['at']

type Entry = (typeof MENU)[number][number]

/** Whether one of the pages of an entry is shown. */
const holds = (pages: readonly Entry[], at: Place | null) => pages.some((page) => page.at === at)

interface MenuProps {
  readonly view: View
  readonly at: Place | null
}

/** The names in the bar; the one whose pages are shown is marked. */
export const Menu: FC<MenuProps> = ({ view, at }) => (
  <ul>
    {MENU.filter(([first]) => first.at !== 'outbox' || view.hasOutbox).map((pages) => (
      <li>
        <a
          href={pages[0].href}
          {...(holds(pages, at) && { 'aria-current': pages[0].at === at ? 'page' : 'true' })}
        >
          {pages[0].label}
        </a>
      </li>
    ))}
    <TemporalLink url={view.temporalUrl} />
  </ul>
)

/** The page that is shown and those that stand with it; nothing where it stands alone. */
export const Neighbours: FC<{ at: Place | null }> = ({ at }) => {
  const pages: readonly Entry[] = MENU.find((each) => holds(each, at)) ?? []
  if (pages.length < 2) return null
  return (
    <nav class="neighbours" aria-label={pages[0]?.label}>
      <ul class="tabs">
        {pages.map((page) => (
          <li>
            <a href={page.href} {...(page.at === at && { 'aria-current': 'page' })}>
              {page.label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

const TemporalLink: FC<{ url: string | null }> = ({ url }) => {
  const href = url === null ? null : safeUrl(url)
  return href === null ? null : (
    <li>
      <a href={href} target="_blank" rel="noreferrer">
        Temporal&nbsp;↗
      </a>
    </li>
  )
}
