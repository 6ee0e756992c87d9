import type { Summary } from '../engine/event';

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => (row[column] ?? '').length)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What the operator has at the end, as plain lines. */
export function summaryLines(summary: Summary): readonly string[] {
  return [
    ...table([
      ['NODE', 'ADDRESS', 'ROLES', 'STATUS', 'VERSION'],
      ...summary.nodes.map(node => [node.name, node.address, node.roles, node.status, node.version]),
    ]),
    '',
    `kubeconfig    ${summary.kubeconfig}`,
    `join a worker ${summary.join.command}`,
    `              whole, with its token: kube-el7-install join-command, or ${summary.join.file}`,
    ...(summary.certificates.length === 0 ? [] : ['certificates']),
    ...table(summary.certificates.map(({ path, expires }) => ['', path, `expires ${expires.slice(0, 10)}`])),
    ...summary.notes.map(note => `note          ${note}`),
  ];
}
