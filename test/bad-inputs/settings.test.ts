import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Arguments } from '../../source/arguments';
import { Failure } from '../../source/engine/failure';
import { gather } from '../../source/installation/told';
import { stages } from '../../source/steps';
import { loadSettings } from '../../source/variables/load';
import { findMaster } from '../../source/variables/master';
import type { Problem, Settings } from '../../source/variables/settings';
import { VARIABLES } from '../../source/variables/table';
import { given } from '../installation/ports';
import { Random } from '../support/random';
import { damaged, ODD, tried } from './damage';
import { commandsOf, faultOf, MARK, WatchedHost } from './watched-host';

const SEED = 20_261_126;
const shipped = ['variables', 'variables.external'].map(name => readFileSync(name));
const around = { environment: {}, workingDirectory: '/site', packageRoot: '/package' };

const NAMES = ['master2', 'master3', `${MARK}m1`, `${MARK}m2`, 'a', 'A.b-c', '-a', 'a-', 'a_b', '10.0.0.2'];
const ADDRESSES = [
  '10.0.0.100',
  '10.0.0.1',
  '010.0.0.1',
  '1.2.3',
  '256.0.0.1',
  '::1',
  '0.0.0.0',
  '10.0.0.100/24',
];
const NETWORKS = [
  '10.96.0.0/12',
  '10.96.0.0/33',
  '10.96.0.1/12',
  '0.0.0.0/0',
  '/',
  '10.0.0.0/-1',
  '10.0.0.0/08',
];
const TOKENS = ['abcdef.0123456789abcdef', 'ABCDEF.0123456789abcdef', 'abcdef0123456789abcdef', 'a.b', '.'];

/** One of the values of its kind, as it is or spoilt. */
function value(random: Random, kind: readonly string[]): string {
  const chosen = random.chance(40) ? random.pick(ODD) : random.pick(kind);
  return random.chance(30) ? damaged(Buffer.from(chosen), random).toString('utf8') : chosen;
}

interface Said {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly arguments: Arguments;
  readonly values: readonly string[];
}

/** Right in every part, with the mark wherever a site's own words go. */
function right(random: Random): Said {
  const several = random.chance(60);
  const tag = random.below(100);
  return {
    values: [],
    files: {
      '/site/variables': Buffer.from(
        [
          `DOCKER_REGISTRY=reg.example:5000/${MARK}`,
          `ETCD_IMAGE="\${DOCKER_REGISTRY}/etcd:3.4.${tag}-${MARK}"`,
          `CLUSTER_DOMAIN=${MARK}.local`,
          `HELM_REPO=https://${MARK}.example/charts`,
          `YUM_REPOSITORY=https://${MARK}.example/yum`,
          `TILLER=${random.pick(['yes', 'no'])}`,
          '',
        ].join('\n'),
      ),
    },
    arguments: {
      ...given,
      answers: {
        KUBE_VERSION: random.pick(['1.20.2', '1.18.8', '1.16.3', '1.23.1']),
        ...(several
          ? { vip: '10.0.0.100', masters: `${MARK}m1,${MARK}m2,${MARK}m3` }
          : random.chance(50)
            ? { vip: '10.0.0.100' }
            : {}),
      },
      platform: random.pick(['aws', 'vmware', 'other']),
      ...(several && random.chance(50) ? { ssh: { user: MARK } } : {}),
    },
  };
}

/** Right, but for at most three parts of it. */
function generated(random: Random): Said {
  const values: string[] = [];
  const one = (kind: readonly string[]): string => {
    const made = value(random, kind);
    values.push(made, ...made.split(','));
    return made;
  };
  const start = right(random);
  let text = start.files['/site/variables'] ?? Buffer.alloc(0);
  let token = Buffer.from('abcdef.0123456789abcdef\n');
  let spoilt = { ...start.arguments, ...(random.chance(10) ? { tokenFile: 'token' } : {}) };
  for (let times = random.below(4); times > 0; times -= 1) {
    const { answers } = spoilt;
    const quote = random.pick(['', '"', "'"]);
    const kind = random.pick([NAMES, ADDRESSES, NETWORKS, TOKENS, [`reg.example/${MARK}/a:1`, 'reg:5000']]);
    const spoil: readonly (() => void)[] = [
      () => (text = damaged(text, random)),
      () => (text = damaged(Buffer.concat([random.pick(shipped), text]), random)),
      () =>
        (text = Buffer.concat([
          text,
          Buffer.from(`${random.pick(VARIABLES)}=${quote}${one(kind)}${quote}\n`),
        ])),
      () => (spoilt = { ...spoilt, answers: { ...answers, vip: one(ADDRESSES) } }),
      () =>
        (spoilt = {
          ...spoilt,
          answers: { ...answers, masters: random.several(1, 4, () => one(NAMES)).join(',') },
        }),
      () =>
        (spoilt = { ...spoilt, answers: { ...answers, KUBE_VERSION: one(['1.20', 'v1.20.2', '1.99.0']) } }),
      () =>
        (spoilt = {
          ...spoilt,
          answers: { ...answers, DOCKER_REGISTRY: one(['reg:1', 'http://reg', 'a/']) },
        }),
      () => (spoilt = { ...spoilt, platform: one(['aws', 'azure']) }),
      () => (spoilt = { ...spoilt, ssh: { user: one(['root', 'admin']), keyFile: one(['/root/key']) } }),
      () => (spoilt = { ...spoilt, token: one(TOKENS) }),
      () => {
        token = Buffer.from(one(TOKENS));
        spoilt = { ...spoilt, tokenFile: random.pick(['token', one(['token'])]) };
      },
    ];
    random.pick(spoil)();
  }
  return { values, files: { '/site/variables': text, '/site/token': token }, arguments: spoilt };
}

async function loaded(said: Said, host: WatchedHost): Promise<Settings | readonly Problem[]> {
  const { told, problems } = await gather(host, said.arguments, around);
  const result = await loadSettings(told, host);
  if ('problems' in result) return [...problems, ...result.problems];
  return problems.length > 0 ? problems : result.settings;
}

/** What an installation with these settings would run on this host, as far as it can be told beforehand. */
async function commandsOfPlan(settings: Settings, host: WatchedHost): Promise<void> {
  for (const stage of stages(settings, await findMaster(host))) {
    for (const step of stage.steps) {
      try {
        const changes = step.plan(await step.probe(host));
        host.commands.push(...changes.flatMap(commandsOf));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    }
  }
}

describe('variables, names, addresses and tokens', () => {
  it(
    'are complete settings or problems that say all, and no shell sees them',
    { timeout: 300_000 },
    async () => {
      const random = new Random(SEED);
      const count = { settings: 0, problems: 0, planned: 0 };
      for (let round = 0; round < 3500; round += 1) {
        const said = generated(random);
        const host = new WatchedHost(said.files);
        await tried(
          async () => {
            const result = await loaded(said, host);
            if ('kubeVersion' in result) {
              count.settings += 1;
              if (count.settings % 4 === 0 && count.planned < 120) {
                count.planned += 1;
                await commandsOfPlan(result, host);
              }
            } else {
              count.problems += 1;
              expect(result.length).toBeGreaterThan(0);
              for (const { field, where, wrong, right, value: shown } of result) {
                expect([field, where, wrong, right].filter(part => part.trim() === '')).toEqual([]);
                expect(typeof shown).toBe('string');
              }
            }
            expect(host.commands.flatMap(command => faultOf(command, said.values) ?? [])).toEqual([]);
            expect(host.changes).toEqual([]);
          },
          () =>
            `round ${round}, seed ${SEED}: ${JSON.stringify({ ...said, files: undefined }).slice(0, 3000)}`,
        );
      }
      // Both ends must be seen, or the generator tests nothing.
      expect(count.settings).toBeGreaterThan(200);
      expect(count.planned).toBeGreaterThan(50);
      expect(count.problems).toBeGreaterThan(1000);
    },
  );
});
