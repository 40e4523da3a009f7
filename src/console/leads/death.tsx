import type { FC } from 'hono/jsx'
import { DEAD_REASONS } from '../../domain/lead.ts'
import { plain } from '../parts.tsx'

/** The reason and what is to be recorded beside it; the stylesheet shows what fits the reason. */
export const Death: FC<{ required?: boolean }> = ({ required = false }) => (
  <div class="death">
    <label>
      Reason
      <select name="reason" required={required} class="reason">
        {DEAD_REASONS.map((reason) => (
          <option value={reason}>{plain(reason)}</option>
        ))}
      </select>
    </label>
    <div class="if-competitor">
      <Field name="competitor" label="Which competitor" />
      <label>
        Because of
        <select name="why">
          <option value="">not known</option>
          <option value="price">price</option>
          <option value="feature">a feature</option>
          <option value="timing">timing</option>
          <option value="other">something else</option>
        </select>
      </label>
      <label>
        Their contract ends
        <input type="date" name="contractEnds" />
      </label>
    </div>
    <div class="if-offering">
      <label>
        What was at fault
        <select name="fault">
          <option value="">not known</option>
          <option value="poor_sourcing">the source: not our kind of lead</option>
          <option value="inadequate_offering">our offering</option>
        </select>
      </label>
    </div>
    <div class="if-words">
      <Field name="words" label="What they said, wanted or lacked" />
    </div>
  </div>
)

const Field: FC<{ name: string; label: string }> = ({ name, label }) => (
  <label>
    {label}
    <input name={name} maxlength={500} autocomplete="off" />
  </label>
)
