import type { FC } from 'hono/jsx'
import type { ResumePreview } from '../leads/stops/resume-preview.ts'
import { plain } from './parts.tsx'

/** The modes of a resume, each with what it would do. */
export const ResumeChoice: FC<{ preview: ResumePreview }> = ({ preview }) => (
  <fieldset class="resume">
    {preview.modes.map(({ mode, does }) => (
      <label>
        <input type="radio" name="mode" value={mode} checked={mode === 'shift'} />{' '}
        <strong>{plain(mode.replaceAll('-', '_'))}</strong>: {does}
      </label>
    ))}
  </fieldset>
)
