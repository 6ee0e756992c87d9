const WORD =
  /^(?:true|false|yes|no|on|off|null|none|nil|always|never|auto|default|enabled|disabled|unknown)$/i;
/** Numbers with units as Kubernetes, Go and systemd write them: 110, 10s, 1h30m, 100Mi, 50m, 0.5, 80%. */
const QUANTITY = /^[+-]?(?:\d{1,7}(?:\.\d{1,6})?(?:ns|us|µs|ms|s|m|h|d|[kKMGTPE]i?B?|b|%)?)+$/;
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const ADDRESS = new RegExp(
  `^(?:${IPV4}|\\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\\]?)(?:/\\d{1,3})?(?::\\d{1,5})?$`,
  'i',
);
const VERSION = /^v?\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+._][a-z0-9.]{1,20})?$/i;
/** Below one of the file hierarchy's own directories: what merely begins with a slash may be base64. */
const PATH =
  /^\/(?:$|(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|data|healthz|livez|readyz|health|ready|metrics)(?:\/[A-Za-z0-9._@:+-]{0,100})*$)/;
const HOST = String.raw`(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,8}`;
/** A URL that names a place and nothing else: a path of letters alone, since others carry tokens; no user, no query. */
const URL = new RegExp(
  `^(?:https?|tcp|udp|unix|fd|ftp|docker|ldaps?)://(?:${HOST}|${IPV4}|\\[[0-9a-f:]+\\])?(?::\\d{1,5})?(?:/(?:[a-z._-]{1,20}|v\\d{1,2}))*/?$`,
);

/** Whether a text can be no secret by its form: a number, a duration, an address, a version, a path, a URL without a user. */
export function isHarmlessForm(text: string): boolean {
  return text
    .split(',')
    .every(part =>
      [WORD, QUANTITY, DATE, ADDRESS, VERSION, PATH, URL, /^$/].some(form => form.test(part.trim())),
    );
}
