import type { Diagnosis, ExaminedMember, RestoreSource } from '../recovery/diagnosis';
import { memberText, VERDICT_WORDS } from '../screens/state/conditions';

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function memberCells(member: ExaminedMember): readonly string[] {
  const { name, role, address, id = '-' } = member;
  return [name, role === 'none' ? '-' : role, address, id, memberText(member)];
}

function sourceLines({ id, revision, time, bytes, loss }: RestoreSource): readonly string[] {
  const name = id === 'member' ? "what this host's own etcd has (member)" : id;
  const size = bytes === undefined ? '' : `, ${bytes} bytes`;
  return [`  ${name}: revision ${revision}, ${time}${size}`, `    ${loss}`];
}

function restoreLines({ verdict, sources = [] }: Diagnosis): readonly string[] {
  if (verdict !== 'quorum-lost') return [];
  if (sources.length === 0) return ['', 'Nothing is here that the cluster could be made again from.'];
  return [
    '',
    'The cluster can be made again from (newest first):',
    ...sources.flatMap(sourceLines),
    'On the screen: kube-el7-install readd-member. Without questions, losing what is said above:',
    '  kube-el7-install readd-member --yes --accept-data-loss --snapshot WHICH',
  ];
}

/** A diagnosis as plain lines: every member, what is the case, the quorum, what would be done, and what somebody has to do. */
export function diagnosisLines(diagnosis: Diagnosis): readonly string[] {
  const { cluster, here, members, verdict, summary, hint, quorum, willDo } = diagnosis;
  return [
    `etcd of the cluster ${cluster}, seen from ${here}: ${VERDICT_WORDS[verdict]}`,
    '',
    ...table([['MEMBER', 'ROLE', 'ADDRESS', 'ID', 'CONDITION'], ...members.map(memberCells)]),
    '',
    `diagnosis  ${summary}`,
    ...(quorum.length === 0 ? [] : [`quorum     ${quorum.join('; ')}`]),
    ...willDo.map((text, index) => `${index === 0 ? 'will do' : '       '}    ${index + 1} ${text}`),
    ...(hint === undefined
      ? []
      : [`${verdict === 'readd' || verdict === 'give-up' ? 'know ' : 'to do'}      ${hint}`]),
    ...restoreLines(diagnosis),
  ];
}
