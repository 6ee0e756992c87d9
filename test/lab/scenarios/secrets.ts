import { expect } from 'vitest';
import type { LabHost } from '../lab';

/** Collects the argument lists of all processes of a host, over and over, until stopped. */
export async function watchArguments(host: LabHost): Promise<{ stop(): Promise<string> }> {
  const loop = "while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' ; echo; sleep 0.1; done";
  const pid = await host.succeed(
    `setsid sh -c '${loop.replaceAll("'", `'"'"'`)}' >/root/arguments 2>/dev/null & echo $!`,
  );
  return {
    stop: async () => {
      await host.succeed(`kill -- -${pid.trim()}`);
      return host.read('/root/arguments');
    },
  };
}

/** The secrets of an installed master, as they would be seen if they leaked: a line out of the middle of each key, and every bootstrap token. */
async function canaries(host: LabHost): Promise<readonly string[]> {
  const keys = await host.succeed(
    "for key in $(find /etc/kubernetes/pki /root/.helm -name '*.key' -o -name 'key.pem'); do sed -n 5p $key; done",
  );
  const tokens = await host.succeed(
    'kubectl get secrets -n kube-system -o jsonpath=\'{range .items[?(@.type=="bootstrap.kubernetes.io/token")]}{.data.token-secret}{"\\n"}{end}\' | while read -r line; do echo $line | base64 -d; echo; done',
  );
  return [...keys.split('\n'), ...tokens.split('\n')]
    .map(line => line.trim())
    .filter(line => line.length >= 8);
}

/** Asserts that no key and no token stands in the given texts, or in the journal, logs and world-readable files of the installer. */
export async function expectNoSecrets(host: LabHost, texts: Readonly<Record<string, string>>): Promise<void> {
  const secrets = await canaries(host);
  expect(secrets.length).toBeGreaterThan(10);
  const journal = await host.succeed('cat /var/lib/kube-el7-install/journal*');
  const logs = await host.succeed('find /var/log/kube-el7-install -type f -exec cat {} +');
  expect(journal.length).toBeGreaterThan(1000);
  expect(logs.length).toBeGreaterThan(1000);
  for (const [name, text] of Object.entries({ ...texts, journal, logs })) {
    const seen = secrets.filter(secret => text.includes(secret));
    expect(seen.length, `${String(seen.length)} secrets stand in ${name}`).toBe(0);
    expect(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\n[A-Za-z0-9+/]{40}/.test(text),
      `a private key stands in ${name}`,
    ).toBe(false);
  }
}
