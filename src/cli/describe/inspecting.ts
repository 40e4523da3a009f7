import type { Command } from 'commander'
import type { InspectReplyOptions } from '../commands/inspect/reply.ts'
import { type Does, group } from './does.ts'

/** Questions about single facts, for scripts. */
export function describeInspecting(root: Command, does: Does): void {
  const all = group(root, 'inspect', 'ask what facts, mails and answers mean, as JSON lines')
  const window = all
    .command('window')
    .description('whether the law allows a message to a person at an instant')
    .addHelpText('after', WINDOW_HELP)
  does(window, async () => (await import('../commands/inspect/window.ts')).inspectWindow)

  const agent = all
    .command('agent')
    .description('whether user agents are people’s browsers or programs')
    .addHelpText('after', AGENT_HELP)
  does(agent, async () => (await import('../commands/inspect/agent.ts')).inspectAgent)

  const bounce = all
    .command('bounce')
    .argument('<file.eml...>', 'files with one raw mail each')
    .description('what a mail that came in is: a bounce and of which kind, or none')
    .addHelpText('after', BOUNCE_HELP)
  does(bounce, async () => (await import('../commands/inspect/bounce.ts')).inspectBounce)

  const reply = all
    .command('reply')
    .option('--rules <path>', 'a file or folder of your own rules, asked as well')
    .option('--explain', 'tell the rule that decided, its version and what it found')
    .description('what an answer means: its intent, and the words that are the person’s own')
    .addHelpText('after', REPLY_HELP)
  does<InspectReplyOptions>(
    reply,
    async () => (await import('../commands/inspect/reply.ts')).inspectReply,
  )
}

const BOUNCE_HELP = `
Writes a line {file, kind, recipients, enhancedStatus} for each file. The kind is hard, soft or
policy for a bounce, or complaint, delayed, auto-reply or not-a-bounce.`

const WINDOW_HELP = `
Reads lines {id, channel, at, phone, state, zip, timezone} on stdin and writes
{id, allowed, nextAllowedAt, rules}: calling windows and holidays only.

  echo '{"id":1,"channel":"sms","at":"2026-11-22T03:00:00Z","phone":"+12125550142"}' \\
    | rekindle inspect window`

const AGENT_HELP = `
Reads lines {id, userAgent} on stdin and writes {id, kind}: human or bot. An empty user agent, and
a program that nobody knows, is a bot.

  echo '{"id":1,"userAgent":"curl/8.4.0"}' | rekindle inspect agent`

const REPLY_HELP = `
Reads lines {id, channel, text} on stdin, with subject, at and timezone where they are known, and
writes {id, intent, detail, visibleText, confidence}.

  echo '{"id":1,"channel":"sms","text":"call me after the holidays"}' | rekindle inspect reply`
