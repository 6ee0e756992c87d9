import { isSecretName } from './secret-name';
import { MASK } from './secret';

/** What gets a value that looks like a secret, and returns what shall stand there. */
type Replace = (value: string) => string;

const QUOTED = String.raw`\\"(?:(?!\\").)*\\"|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'`;
const NAMED = new RegExp(
  String.raw`([A-Za-z0-9_.-]{0,60}(?:pass|pwd|secret|token|credential|key|auth|bind|cookie|community|webhook|connection|signature)[A-Za-z0-9_.-]{0,40})((?:\\?["'])?[ \t]{0,4}[:=][ \t]{0,4})(${QUOTED}|[^\s"',;}&)\]\\]+)`,
  'gi',
);
/** As YAML and INI files have it: the name first in its line, and all behind it is the value. */
const WHOLE_LINE =
  /^([ \t]*(?:- )?([A-Za-z][A-Za-z0-9_.-]{1,60})[ \t]*[:=][ \t]+)([^\s"'{[|>&*!#][^\n]*\S)[ \t]*$/gm;
const FLAG_AND_VALUE = new RegExp(
  String.raw`(--?[A-Za-z0-9_.-]*(?:pass|pwd|secret|token|credential|key|auth)[A-Za-z0-9_.-]*|\bauth_pass)((?:\\?["'])?,?[ \t]+)(${QUOTED}|(?!-)[^\s"',}\\]+)`,
  'gi',
);
/** Words of a sentence about a flag, where its value would stand. */
const PROSE =
  /^(?:[A-Z_]{2,}|<.*>|\[.*|a|an|and|are|as|at|by|can|cannot|do|does|file|flag|flags|for|from|given|has|have|if|in|is|it|may|must|names|needs|nor|not|of|on|only|or|that|the|to|was|were|which|will|with|without)[.,;:]?$/;
const HEADER =
  /(\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z0-9-]*(?:token|key|auth|secret)[a-z0-9-]*)\\?["']?[ \t]{0,4}:[ \t]{0,4}\\?["']?)([^\r\n"'\\]{3,})/gi;
const USER_OF_CURL = /(\s(?:-u|--user|--proxy-user|-U)[= ]?\\?["']?[^\s:"'\\]{1,100}:)([^\s"'\\]+)/g;
const PASSWORD_OF_PROGRAM =
  /(\b(?:sshpass|(?:docker|podman|helm registry|oc) login\b[^\n]{0,200}?|mysql[a-z]*\b[^\n]{0,100}?)\s-p\s?)(?!-)([^\s\"']+)/g;
const AUTHORITY = /(\b[a-z][a-z0-9+.-]{0,20}:\\?\/\\?\/)([^\s"'<>]*)@(?!sha256:)/gi;
/** user:password@host without a scheme, as proxies and shares are written. */
const LOGIN_AND_HOST = /(?<![\w.@:-])([\w.%+-]{1,60}:)([^\s@"'/:,]{3,})@(?=[a-z0-9][\w.-]*)(?!sha256:)/gi;
/** Tokens that say by their beginning what they are. */
const TOKENS =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?!\w)|AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|sk-[A-Za-z0-9_-]{20,}|dckr_pat_[\w-]{16,}|ey[A-Za-z0-9]{10,}\.ey[\w-]{10,}\.[\w-]+)|(?<=hooks\.slack\.com\/services\/)[\w/-]+/g;

/** What stands behind the name of a secret, and is none: a switch, a small number, a place, the mask itself. */
const NO_SECRET =
  /^\\?["']?(?:true|false|yes|no|on|off|null|none|nil|never|\d{1,3}[smhd]?|(?:\d+[smhd])+|\/(?:bin|etc|home|lib|opt|root|run|srv|tmp|usr|var)\/[\w./@:+-]*|\[secret\]?|\[hidden\]?|)\\?["']?$/i;

/** Replaces every value in a text that is a secret by its name or by its form. The place of a login in a URL is found by its last @, for passwords hold some. */
export function replaceSecrets(text: string, replace: Replace): string {
  const bare = (value: string): string => {
    const [open] = /^\\?["']/.exec(value) ?? [''];
    return open === '' ? replace(value) : `${open}${replace(value.slice(open.length, -open.length))}${open}`;
  };
  const named = (whole: string, name: string, between: string, value: string): string =>
    isSecretName(name) && !NO_SECRET.test(value) ? `${name}${between}${bare(value)}` : whole;
  return text
    .replace(HEADER, (_, before: string, value: string) => before + replace(value))
    .replace(AUTHORITY, (_, scheme: string, login: string) => {
      const at = login.search(/[:/@\\]/);
      const user = at > 0 && login[at] === ':' ? login.slice(0, at + 1) : '';
      return `${scheme}${user}${replace(login.slice(user.length))}@`;
    })
    .replace(LOGIN_AND_HOST, (_, user: string, value: string) => `${user}${replace(value)}@`)
    .replace(USER_OF_CURL, (_, before: string, value: string) => before + replace(value))
    .replace(PASSWORD_OF_PROGRAM, (_, before: string, value: string) => before + replace(value))
    .replace(WHOLE_LINE, (whole: string, before: string, name: string, value: string) =>
      isSecretName(name) && !NO_SECRET.test(value) ? before + replace(value) : whole,
    )
    .replace(FLAG_AND_VALUE, (whole: string, name: string, between: string, value: string) =>
      PROSE.test(value) ? whole : named(whole, name, between, value),
    )
    .replace(NAMED, named)
    .replace(TOKENS, replace);
}

/** The values in a text that are secrets by name or form, each as it stands there. */
export function secretValuesIn(text: string): readonly string[] {
  const found = new Set<string>();
  replaceSecrets(text, value => {
    if (value !== MASK && value.length >= 3) found.add(value);
    return MASK;
  });
  return [...found];
}
