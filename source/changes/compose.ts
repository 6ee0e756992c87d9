import { createHash } from 'node:crypto';
import type { Composed, Content, Filling, Merged } from '../engine/change';
import type { HostReader } from '../engine/host';
import { Secret, SecretBytes } from '../engine/secret';

/** Either the filled text, or the first file that is not there to fill it. */
export interface ComposedText {
  readonly text?: string;
  readonly missing?: string;
  /** What was filled in from files that are secret, to be masked wherever it turns up. */
  readonly secrets: readonly Secret[];
}

/** Tells a template apart from text and from a secret. */
export function isComposed(content: Content): content is Composed {
  return typeof content !== 'string' && 'template' in content;
}

/** Tells a text with a view of its own apart from the others. */
export function isMerged(content: Content): content is Merged {
  return typeof content !== 'string' && 'merged' in content;
}

/** The files that a template is filled from, those of templates within it too. */
export function filesOf({ files }: Composed): readonly string[] {
  return Object.values(files).flatMap(file => ('composed' in file ? filesOf(file.composed) : [file.path]));
}

/** The bytes of a content, or the first file that is not there to fill it. */
export async function contentBytes(
  host: HostReader,
  content: Content,
): Promise<Omit<ComposedText, 'text'> & { readonly bytes?: Buffer }> {
  const whole = (bytes: Buffer) => ({ bytes, secrets: [] });
  if (typeof content === 'string') return whole(Buffer.from(content));
  if (content instanceof SecretBytes) return whole(content.reveal());
  if (content instanceof Secret) return whole(Buffer.from(content.reveal()));
  if (isMerged(content)) return whole(Buffer.from(content.merged));
  const { text, ...more } = await composedText(host, content);
  return text === undefined ? more : { ...more, bytes: Buffer.from(text) };
}

function encoded(bytes: Buffer, encoding: Filling['encoding']): string {
  if (encoding === 'sha256') return createHash('sha256').update(bytes).digest('hex');
  return bytes.toString(encoding === 'base64' ? 'base64' : 'utf8');
}

/** Fills a template from the host's files. A place without a file, and a file without a place, are faults of the step and throw. */
export async function composedText(host: HostReader, composed: Composed): Promise<ComposedText> {
  const values = new Map<string, string>();
  const secrets: Secret[] = [];
  for (const [name, file] of Object.entries(composed.files)) {
    if (!composed.template.includes(`{{${name}}}`)) throw new Error(`the template has no {{${name}}}`);
    if ('composed' in file) {
      const inner = await composedText(host, file.composed);
      secrets.push(...inner.secrets);
      if (inner.text === undefined) return { ...inner, secrets };
      values.set(name, encoded(Buffer.from(inner.text), file.encoding));
      continue;
    }
    const bytes = await host.read(file.path);
    if (bytes === undefined) return { missing: file.path, secrets };
    const value = encoded(bytes, file.encoding);
    values.set(name, value);
    if (file.secret) secrets.push(new Secret(value));
  }
  const text = composed.template.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the template's {{${name}}} is filled from no file`);
    return value;
  });
  return { text, secrets };
}
