import type { FC } from 'hono/jsx'
import type { Instant } from '../../domain/time.ts'
import { CALLS } from '../../store/work/tasks.ts'
import { Page } from '../layout.tsx'
import { Moment, Nothing, PostForm, plain, Table } from '../parts.tsx'
import type { TaskRow } from '../reads.ts'
import type { View } from '../view.ts'

interface TasksProps {
  readonly view: View
  readonly tasks: readonly TaskRow[]
  /** The company's IANA zone. */
  readonly zone: string
  readonly now: Instant
}

/** What people have to do about leads. */
export const TasksPage: FC<TasksProps> = ({ view, tasks, zone, now }) => (
  <Page title="Tasks" view={view} at="tasks">
    <hgroup>
      <h1>Tasks</h1>
      <p>Calls, answers and hand-offs that wait for a person.</p>
    </hgroup>
    {tasks.length === 0 ? (
      <Nothing>Nothing to do. Tasks come from cadences, replies and leads that return.</Nothing>
    ) : (
      <Table head={['Task', 'Lead', 'Why', 'For', 'Due']}>
        {tasks.map((task) => (
          <tr>
            <td>
              <span class="channel task">{plain(task.kind)}</span> {task.title}
            </td>
            <td>
              <a href={`/leads/${task.lead_id}`}>{task.lead_name}</a>
            </td>
            <td class="quiet">{task.because}</td>
            <td>{task.assignee ?? 'anyone'}</td>
            <td class={task.due_at !== null && task.due_at < now ? 'late' : ''}>
              {task.due_at === null ? 'soon' : <Moment at={task.due_at} zone={zone} />}
            </td>
            <td>
              <TaskButtons view={view} task={task} back="/tasks" />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Page>
)

interface TaskButtonsProps {
  readonly view: View
  readonly task: Pick<TaskRow, 'id' | 'kind'>
  /** Where the browser goes afterwards. */
  readonly back: string
}

/** Whether a task is done with the phone, so that the law is asked first. */
export function isCall({ kind }: Pick<TaskRow, 'kind'>): boolean {
  return CALLS.some((each) => each === kind)
}

/** What a person may say of a task; of one to call, also that the phone is in hand. */
export const TaskButtons: FC<TaskButtonsProps> = ({ view, task, back }) => (
  <>
    {isCall(task) && (
      <PostForm view={view} action={`/tasks/${task.id}/call`} class="inline">
        <input type="hidden" name="back" value={back} />
        <button type="submit" class="small">
          I call now
        </button>
      </PostForm>
    )}
    <PostForm view={view} action={`/tasks/${task.id}/done`} class="inline">
      <input type="hidden" name="back" value={back} />
      <button type="submit" class="small outline">
        Done
      </button>
      {isCall(task) && (
        <button type="submit" class="small outline secondary" name="called" value="no">
          Not called
        </button>
      )}
    </PostForm>
  </>
)
