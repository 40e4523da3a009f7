import { Document, Page } from './layout.tsx'
import { Nothing } from './parts.tsx'
import type { View } from './view.ts'

/** Where there is nothing; nobody need be logged in to be told so. */
export function notFoundPage() {
  return (
    <Document title="Not found">
      <main class="container">
        <Nothing>
          There is nothing here. <a href="/">Back to the leads</a>
        </Nothing>
      </main>
    </Document>
  )
}

/** When a page broke. */
export function troublePage(view: View) {
  return (
    <Page title="Trouble" view={view} at={null}>
      <Nothing>
        Something went wrong here. It was written to the log. <a href="/">Back to the leads</a>
      </Nothing>
    </Page>
  )
}
