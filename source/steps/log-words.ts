/** "Sep 13 17:30:09 host kubelet[18094]: ", journald's short form. */
const JOURNAL = /^[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \S+ [^\s:]+: /;

/** "E1123 06:41:51.937984    1031 pod_workers.go:191] ", klog's header. */
const KLOG = /^[IWEF]\d{4} \S+\s+\d+ \S+\] /;

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"`;
const STRUCTURED = new RegExp(`^${QUOTED}((?: [\\w.-]+=(?:"(?:[^"\\\\]|\\\\.)*"|\\S*))+)\\s*$`);
const PAIR = new RegExp(`([\\w.-]+)=(?:${QUOTED}|(\\S*))`, 'g');

/**
 * What a line of a log says, without when and where: the same sentence from klog's plain form (Kubernetes up to 1.20), its
 * structured one (from 1.21, "message" err="…"), and logrus' (docker's level=error msg="…"), whose texts escape quotes.
 */
export function saidIn(line: string): string {
  const text = line.replace(JOURNAL, '').replace(KLOG, '').trim();
  const [, message, pairs = ''] = STRUCTURED.exec(text) ?? [];
  if (message !== undefined) {
    const { err, pod } = valuesOf(pairs);
    return (
      [message, err]
        .flatMap(one => one ?? [])
        .map(unescaped)
        .join(': ') + (pod === undefined ? '' : ` (${pod})`)
    );
  }
  if (/^time="[^"]*" level=\w+ msg=/.test(text)) {
    const { msg, error } = valuesOf(text);
    return [msg, error]
      .flatMap(one => one ?? [])
      .map(unescaped)
      .join(': ');
  }
  return unescaped(text);
}

function valuesOf(pairs: string): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    [...pairs.matchAll(PAIR)].map(([, name = '', quoted, bare]) => [name, quoted ?? bare]),
  );
}

/** An error within an error has its quotes escaped more than once. */
function unescaped(text: string): string {
  return text.replace(/\\+(["'])/g, '$1').replace(/\\[nt]/g, ' ');
}
