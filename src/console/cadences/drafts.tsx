import type { FC } from 'hono/jsx'
import { draftsOf, type FolderState } from '../../local/company-folder.ts'
import type { View } from '../view.ts'

interface DraftsProps {
  readonly view: View
  readonly state: FolderState
}

/** The files of the company's folder that differ from what is published, and what is wrong in them. */
export const Drafts: FC<DraftsProps> = ({ state }) => {
  const drafts = draftsOf(state)
  const others = state.drift.filter(
    (each) => each.state === 'behind' || each.state === 'only_published',
  )
  return (
    <article class="drafts" id="drafts">
      <header>
        <h2>Drafts</h2>
        <p class="quiet">
          Files in <code>{state.root}</code>, as they are now.
        </p>
      </header>
      {drafts.length === 0 && <p>No file differs from what is published.</p>}
      {drafts.length > 0 && (
        <ul>
          {drafts.map(({ path, words, kind, name }) => (
            <li>
              <code>{path}</code>: {words}
              {kind === 'cadence' && state.problems.length === 0 && (
                <>
                  {' '}
                  · <a href={`/publish?cadence=${encodeURIComponent(name)}`}>Publish …</a>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      {state.problems.length > 0 && (
        <div class="said bad" role="alert">
          <p>These have to be mended before anything is published:</p>
          <ul>
            {state.problems.map(({ file, line, column, message, fix }) => (
              <li>
                <code>
                  {file}:{line}:{column}
                </code>{' '}
                {message} <em>{fix}</em>
              </li>
            ))}
          </ul>
        </div>
      )}
      {drafts.length > 0 && state.problems.length === 0 && (
        <p>
          <a role="button" href="/publish">
            Publish all drafts …
          </a>
        </p>
      )}
      {others.length > 0 && (
        <details>
          <summary>{others.length} files are behind, or not here</summary>
          <ul>
            {others.map(({ path, words }) => (
              <li>
                <code>{path}</code>: {words}
              </li>
            ))}
          </ul>
          <p class="quiet">
            <code>rekindle cadence pull NAME</code> writes what is published back to files.
          </p>
        </details>
      )}
    </article>
  )
}
