import { html } from 'hono/html'
import type { EvidenceDecision } from './evidence-decision.ts'
import type { EvidenceCall, EvidencePack, EvidenceTouch } from './evidence-pack.ts'

type Html = ReturnType<typeof html>

/** The pack as one page to print: it loads nothing, and whatever people wrote is escaped. */
export function evidencePage(pack: EvidencePack): Html {
  const { lead, chain } = pack
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence ${lead.id}</title>
<style>
body { font: 11pt/1.45 Georgia, serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem; color: #111; background: #fff; }
h1, h2, h3 { font-family: system-ui, sans-serif; line-height: 1.2; }
h2 { border-bottom: 1px solid #999; margin-top: 2rem; }
section.touch { break-inside: avoid; border: 1px solid #bbb; padding: 0 1rem; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
td, th { text-align: left; vertical-align: top; padding: 0.2rem 0.5rem 0.2rem 0; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: #f5f5f2; padding: 0.6rem; }
.hash { font: 8.5pt ui-monospace, monospace; overflow-wrap: anywhere; }
.bad { color: #b42318; font-weight: bold; }
.good { color: #1a7f4b; font-weight: bold; }
</style>
</head>
<body>
<h1>Why this lead was contacted</h1>
<p>Lead <span class="hash">${lead.id}</span>, status ${lead.status}. Made ${pack.madeAt}. Times are UTC unless a place is named.</p>
${lead.erased ? html`<p><strong>The data of this person were erased on request.</strong> Hashes are what is left; they still prove what was recorded.</p>` : ''}
<table>${lead.contactPoints.map(({ kind, value }) => html`<tr><th>${kind}</th><td>${value}</td></tr>`)}
<tr><th>keyed hashes</th><td class="hash">${lead.contactHashes.join(' ')}</td></tr></table>

<h2>Consents</h2>
${pack.consents.length === 0 ? html`<p>None on file.</p>` : pack.consents.map(consentOf)}

<h2>Stops</h2>
${pack.stops.length === 0 ? html`<p>Nobody asked to stop.</p>` : ''}
${pack.stops.map(
  (stop) =>
    html`<p>${stop.cause.replaceAll('_', ' ')}, ${stop.channel}, by ${stop.how}: asked ${stop.askedAt}, in effect ${stop.effectiveAt ?? 'at once (not measured)'}. <span class="${stop.sentAfter === 0 ? 'good' : 'bad'}">${stop.sentAfter} planned messages were handed over after that.</span></p>`,
)}

<h2>Messages</h2>
${pack.touches.length === 0 ? html`<p>None.</p>` : pack.touches.map(touchOf)}

<h2>Calls</h2>
${pack.calls.length === 0 ? html`<p>None.</p>` : pack.calls.map(callOf)}

<h2>Decisions that led to no message</h2>
${pack.otherDecisions.length === 0 ? html`<p>None.</p>` : pack.otherDecisions.map(decisionOf)}

<h2>The ledger’s chain</h2>
<p class="${chain.sound ? 'good' : 'bad'}">${chain.sound ? `Sound: all ${chain.entries} entries were recomputed, and none was edited, removed, inserted or cut off.` : `${chain.faults.length} faults were found.`}</p>
${chain.faults.map(({ seq, kind, because }) => html`<p class="bad">Entry ${seq ?? '–'}: ${kind}. ${because}</p>`)}
<p>Each hash is HMAC-SHA-256 over the hash before, the entry’s facts, and the salted hash of its words. Head: <span class="hash">${chain.head ?? 'none'}</span></p>
<table><tr><th>#</th><th>what</th><th>when</th><th>hash</th></tr>
${chain.rows.map((row) => html`<tr><td>${String(row.seq)}</td><td>${String(row.kind)}</td><td>${String(row.at)}</td><td class="hash">${String(row.hash)}</td></tr>`)}
</table>
</body>
</html>`
}

function consentOf(consent: EvidencePack['consents'][number]): Html {
  const { disclosureText, ...facts } = consent
  const rows = Object.entries(facts).filter(([, value]) => value !== null)
  return html`<section class="touch"><table>${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${String(value)}</td></tr>`)}</table>
${typeof disclosureText === 'string' ? html`<p>What the person was shown:</p><pre>${disclosureText}</pre>` : html`<p>The text of its disclosure is not on file.</p>`}</section>`
}

function callOf({ at, by, decision }: EvidenceCall): Html {
  return html`<section class="touch"><h3>Call ${at}, by ${by}</h3>
${decision === null ? html`<p>Reported from elsewhere: no decision of ours is on record.</p>` : decisionOf(decision)}</section>`
}

function touchOf(touch: EvidenceTouch): Html {
  const { content } = touch
  return html`<section class="touch"><h3>${touch.channel}, ${touch.step === null ? touch.class : `step ${touch.step}`}: ${touch.state}</h3>
<p>${touch.dispatchedAt ?? 'Never handed over'}${touch.decision?.local ? `, ${touch.decision.local}` : ''}: ${touch.meaning}.${touch.validUntil === null ? '' : ` The provider was to deliver it by ${touch.validUntil}, or not at all.`}</p>
${content.subject === null ? '' : html`<p><strong>${content.subject}</strong></p>`}
${content.text === null ? html`<p>Its words were erased.</p>` : html`<pre>${content.text}</pre>`}
<p class="hash">SHA-256 of the content: ${content.sha256 ?? 'erased'}${content.asRecorded === null ? '' : content.asRecorded ? ', as recorded' : ', NOT as recorded'}<br>hash in the ledger: ${content.ledgerHash ?? 'none'}<br>provider’s id: ${touch.providerId ?? 'none'}</p>
${touch.answers.map(({ at, state, code, because }) => html`<p>Answer ${at}: ${state ?? 'unknown'}${code === null ? '' : `, ${code}`}${because === null ? '' : `: ${because}`}</p>`)}
${touch.decision === null ? html`<p>No decision is on record.</p>` : decisionOf(touch.decision)}</section>`
}

function decisionOf(decision: EvidenceDecision): Html {
  return html`<p><strong>${decision.verdict}</strong> ${decision.local ?? decision.at}${decision.step === null ? '' : `, step ${decision.step}`}, rules ${decision.rulesVersion ?? 'not recorded'}: ${decision.words}</p>
${decision.rules.length === 0 ? '' : html`<table>${decision.rules.map(({ rule, verdict, because, source }) => html`<tr><th>${rule.replaceAll('_', ' ')}</th><td>${verdict.replaceAll('_', ' ')}</td><td>${because}</td><td>${source ?? ''}</td></tr>`)}</table>`}`
}
