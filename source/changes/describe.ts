import type { CertificateSpec, Change, ChangeSummary, Content, Question } from '../engine/change';
import type { Command } from '../engine/host';
import { MASK, Secret, SecretBytes } from '../engine/secret';
import { commandLine } from '../engine/watch';
import { isMerged } from './compose';
import { serviceCommand } from './perform';
import { yumCommand } from './yum';

/** A change for people: what a plan shows is what perform does. */
export function describe(change: Change): ChangeSummary {
  return { kind: change.kind, ...wording(change) };
}

function wording(change: Change): { readonly title: string; readonly detail: readonly string[] } {
  switch (change.kind) {
    case 'write':
      return { title: change.path, detail: [`mode ${octal(change.mode)}`, ...contentLines(change.content)] };
    case 'directory':
      return { title: `${change.path}/`, detail: [`mode ${octal(change.mode)}`] };
    case 'link':
      return { title: `${change.path} -> ${change.target}`, detail: [] };
    case 'remove':
      return { title: `remove ${change.path}`, detail: [] };
    case 'install':
      return {
        title: `yum install ${change.packages.join(' ')}`,
        detail: [commandLine(yumCommand('install', change.packages))],
      };
    case 'service':
      return { title: commandLine(serviceCommand(change)), detail: [] };
    case 'certificate':
      return certificateWording(change.certificate);
    case 'run':
      return { title: change.title, detail: [...commandLines(change.command), ...manner(change)] };
    case 'await':
      return {
        title: `wait until ${change.condition.title}`,
        detail: [
          `at most ${seconds(change.timeoutMs)}`,
          ...(change.condition.kind === 'all' ? change.condition.of : [change.condition]).flatMap(
            questionLines,
          ),
        ],
      };
  }
}

function questionLines(question: Question): readonly string[] {
  return question.kind === 'command'
    ? commandLines(question.command)
    : [`${question.request.method ?? 'GET'} ${question.request.url}`];
}

/** How a command is run beside what it is. */
function manner({ again, already, keepOutput }: Extract<Change, { kind: 'run' }>): readonly string[] {
  return [
    ...(again
      ? [
          `again every second while ${again.meaning ?? `it says ${again.while}`}, at most ${seconds(again.withinMs)}`,
        ]
      : []),
    ...(already ? [`done already where it says ${already}`] : []),
    ...(keepOutput ? [`output to ${keepOutput.path}, mode ${octal(keepOutput.mode)}`] : []),
  ];
}

function certificateWording(spec: CertificateSpec): { title: string; detail: readonly string[] } {
  const names = [...spec.dnsNames, ...spec.addresses];
  const expires = new Date(Date.now() + spec.days * 24 * 60 * 60 * 1000).getUTCFullYear();
  const subject = [
    ...(spec.organization === undefined ? [] : [`O=${spec.organization}`]),
    `CN=${spec.commonName}`,
  ];
  return {
    title: `${spec.certPath}, ${spec.keyPath.slice(spec.keyPath.lastIndexOf('/') + 1)}: ${usage(spec)}, expires ${expires}`,
    detail: [
      `subject ${subject.join(', ')}`,
      ...(names.length > 0 ? [`names ${names.join(', ')}`] : []),
      spec.issuer ? `signed by ${spec.issuer.certPath}` : 'signed by itself',
      `key ${spec.keyPath}, mode 0600`,
    ],
  };
}

function usage(spec: CertificateSpec): string {
  return { ca: 'new CA', server: 'server', client: 'client', peer: 'peer' }[spec.usage];
}

function contentLines(content: Content): readonly string[] {
  if (content instanceof Secret || content instanceof SecretBytes) return [MASK];
  if (typeof content === 'string') return lines(content);
  if (isMerged(content)) return lines(content.shown);
  const text = content.template.replace(/\{\{([^{}]+)\}\}/g, (place, name: string) => {
    const file = content.files[name];
    if (!file) return place;
    if ('composed' in file) return `(${contentLines(file.composed).length} lines, ${file.encoding})`;
    return file.secret ? MASK : `(from ${file.path}${file.encoding === 'base64' ? ', base64' : ''})`;
  });
  return lines(text);
}

function commandLines(command: Command): readonly string[] {
  const { input } = command;
  if (input === undefined) return [commandLine(command)];
  return [
    commandLine(command),
    ...(input instanceof Secret ? [MASK] : lines(input)).map(line => `< ${line}`),
  ];
}

function lines(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
