import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { addressNumber, contains, overlap, parseNetwork } from '../../source/variables/network';
import type { Settings } from '../../source/variables/settings';
import { VARIABLES } from '../../source/variables/table';
import { Random } from '../support/random';
import { load } from './told';

const ROUNDS = 3000;
const VALUES = [
  '',
  'yes',
  'no',
  '1.20.2',
  'v1.20.2',
  '1.99.0',
  '10.96.0.0/12',
  '10.244.0.0/16',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '10.96.0.10',
  '256.1.1.1',
  '::1',
  'cpu=200m',
  'cpu==',
  'cpu=1,,',
  ',',
  'http://x/',
  'http://',
  'http://[',
  'https://u:p@h/',
  'reg.example:5000',
  'reg:99999',
  'a/b/c',
  '/',
  '//',
  ':',
  '@',
  'x:y@z',
  'a:b:c',
  'reg.example/etcd:1',
  '-',
  '--',
  '../..',
  'cluster.local',
  '3',
  '255',
  'aws',
  'master1,master2,master3',
  '.',
  '..',
  '__proto__',
  'constructor',
  '\u00e9',
  '\\',
  '"',
  "'",
  '`',
  '$',
  '${',
  '$(',
  '\t',
  '\r',
  '\u0000',
  'x'.repeat(5000),
];

function check(settings: Settings): void {
  const services = parseNetwork(settings.serviceSubnet);
  const pods = parseNetwork(settings.podSubnet);
  const dns = addressNumber(settings.clusterDns);
  if (services === undefined || pods === undefined || dns === undefined) throw new Error('not parsed');
  expect(contains(services, dns)).toBe(true);
  expect(overlap(services, pods)).toBe(false);
  if (settings.vip !== undefined) {
    expect(settings.vip.addresses.length).toBeGreaterThan(0);
    expect(settings.vip.routerId >= 1 && settings.vip.routerId <= 255).toBe(true);
  }
  expect(settings.others.length === 0 || settings.vip !== undefined).toBe(true);
  for (const image of Object.values(settings.images)) expect(image).toMatch(/^[a-z0-9][^\s@]*:[\w.-]+$/);
  expect(settings.kubeVersion).toMatch(/^1\.\d+\.\d+$/);
}

it(
  'makes problems or right settings of whatever stands in a file, never an exception',
  { timeout: 120_000 },
  async () => {
    const random = new Random(7_041_776);
    const shipped = readFileSync('variables', 'utf8').split('\n');
    const count = { settings: 0, problems: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = [...shipped];
      for (let change = random.below(4); change >= 0; change -= 1) {
        const at = random.below(lines.length);
        const line = `${random.pick(VARIABLES)}${random.pick(['=', '=', '=', '="', "='", ' = ', ''])}${random.pick(VALUES)}${random.chance(20) ? random.pick(VALUES) : ''}`;
        lines.splice(at, random.below(2), random.chance(70) ? line : mutated(lines[at] ?? '', random));
      }
      const loaded = await load({
        text: lines.join('\n'),
        environment: { DOCKER_REGISTRY: random.chance(80) ? 'reg.example:5000' : random.pick(VALUES) },
        vip: random.chance(5) ? random.pick(VALUES) : '',
        masters: random.chance(5) ? random.pick(VALUES) : '',
        ...(random.chance(5) ? { platform: random.pick(VALUES) } : {}),
        ...(random.chance(5) ? { token: random.pick(VALUES) } : {}),
      });
      if ('settings' in loaded) {
        count.settings += 1;
        check(loaded.settings);
      } else {
        count.problems += 1;
        expect(loaded.problems.length).toBeGreaterThan(0);
        for (const { field, where, wrong, right } of loaded.problems) {
          expect([field, where, wrong, right].every(text => text !== '')).toBe(true);
        }
      }
    }
    // Both ends must be seen, or the generator tests nothing.
    expect(count.settings).toBeGreaterThan(50);
    expect(count.problems).toBeGreaterThan(1000);
  },
);

function mutated(line: string, random: Random): string {
  const at = random.below(line.length + 1);
  const byte = String.fromCharCode(random.below(300));
  return line.slice(0, at) + (byte === '\n' ? '' : byte) + line.slice(at + random.below(3));
}
