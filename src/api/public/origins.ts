import type { CompanySettings } from '../../domain/company/company.ts'
import type { ApiConfig } from '../deps.ts'

/**
 * Origins whose pages may report visits: those of the settings, the company's website, and in the
 * embedded mode the sample site.
 */
export function trackedOrigins(
  { company, trackerOrigins }: CompanySettings,
  { outbound, publicUrl, privateUrl }: ApiConfig,
): ReadonlySet<string> {
  const own = URL.canParse(company.website) ? [new URL(company.website).origin] : []
  const local =
    outbound === 'catch' ? [publicUrl, privateUrl].map((url) => new URL(url).origin) : []
  return new Set([...trackerOrigins, ...own, ...local])
}
