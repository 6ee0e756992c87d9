/** One row of yum's table: "kubelet 1.20.2". */
type Row = readonly [name: string, version: string, repository?: string];

/** What yum 3.4.3 prints when it has resolved a transaction and was told to do nothing (yum: output.py, listTransaction). A name of more than 20 characters pushes the rest to the next line. */
export function yumTable(sections: Readonly<Record<string, readonly (Row | string)[]>>): string {
  const line = '='.repeat(80);
  const row = ([name, version, repository = 'site']: Row): string => {
    const rest = `x86_64   2:${version}-0.el7   ${repository.padEnd(16)} 9.6 k`;
    return name.length > 20 ? ` ${name}\n${' '.repeat(22)}${rest}` : ` ${name.padEnd(20)} ${rest}`;
  };
  return [
    'Loaded plugins: fastestmirror\nResolving Dependencies\n--> Running transaction check\n--> Finished Dependency Resolution\n',
    'Dependencies Resolved\n',
    line,
    ' Package              Arch     Version          Repository        Size',
    line,
    ...Object.entries(sections).flatMap(([heading, rows]) => [
      `${heading}:`,
      ...rows.map(one => (typeof one === 'string' ? `     replacing  ${one}.x86_64 1.0-1` : row(one))),
    ]),
    '',
    'Transaction Summary',
    line,
    'Install  1 Package',
    '',
    'Total download size: 53 M',
    'Exiting on user command',
    '',
  ].join('\n');
}

/** yum's answer where all that was asked for can be had. */
export function yumResolves(specifications: readonly string[]): string {
  return yumTable({
    Installing: specifications.map(one => {
      const [, name = one, version = '1.13.1'] = /^(.*?)-(\d[\d.]*)$/.exec(one) ?? [];
      return [name, version] as const;
    }),
  });
}
