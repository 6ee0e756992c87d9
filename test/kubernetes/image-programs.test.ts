import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PATCH_TO_COME } from '../../source/kubernetes/coredns';
import { dnsJobObjects, ROOM_TO_COME } from '../../source/kubernetes/dns-job';
import { etcdManifests, firstEtcdManifest } from '../../source/kubernetes/etcd-manifests';
import { swapJob } from '../../source/kubernetes/etcd-swap';
import { flannelObjects } from '../../source/kubernetes/flannel';
import { mastersObjects } from '../../source/kubernetes/master-objects';
import { tillerObjects } from '../../source/kubernetes/tiller';
import { fromYaml } from '../../source/kubernetes/yaml';
import { templateText } from '../../source/templates';
import type { Settings } from '../../source/variables/settings';
import { lookedUpHost, settings as settingsOf } from '../variables/told';
import { MASTER } from '../steps/masters-host';
import { programsOf } from '../support/shell-programs';

/** The guide's table: image, and the programs of it that are used. */
const table = new Map(
  readFileSync(join(__dirname, '../../docs/operators-guide.md'), 'utf8')
    .split('### What the images must hold')[1]
    ?.split('\n## ')[0]
    ?.split('\n')
    .filter(line => line.startsWith('| `'))
    .flatMap(line => {
      const [images = '', programs = ''] = line.split(' | ');
      const words = (text: string): readonly string[] =>
        [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
      const which = images.includes('before') ? ' before 3.4' : '';
      return words(images).map(image => [`${image}${which}`, words(programs)] as const);
    }),
);

/** In whose container each script runs, or that it runs on the host; of copy-snapshot.sh what `there` is given. */
const scripts: Readonly<Record<string, string>> = {
  'copy-snapshot.sh': 'kube-proxy',
  'keepalived-check.sh': 'keepalived',
  'keepalived-start.sh': 'keepalived',
  'kubelet-address.sh': 'the host',
  'make-master.sh': 'kube-proxy',
  'open-copy.sh': 'the host',
  'spread-dns.sh': 'kube-proxy',
  'swap-etcd.sh': 'kube-proxy',
};

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
}

function containersIn(value: unknown): readonly Container[] {
  if (Array.isArray(value)) return value.flatMap(containersIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'containers' || key === 'initContainers' ? (inner as Container[]) : containersIn(inner),
  );
}

let settings: Settings;
let older: Settings;
beforeAll(async () => {
  const masters = { vip: '10.0.0.100', masters: 'master1,master2,master3', host: lookedUpHost() };
  settings = await settingsOf({ text: 'DOCKER_REGISTRY=10.0.0.5:5000\nTILLER=yes\n', ...masters });
  older = await settingsOf({
    text: 'DOCKER_REGISTRY=10.0.0.5:5000\nETCD_IMAGE=10.0.0.5:5000/etcd:3.3.25\n',
    ...masters,
  });
});

const used = (image: string): readonly string[] => {
  const programs = table.get(image);
  if (programs === undefined) throw new Error(`the guide does not say what ${image} must hold`);
  return programs;
};

describe('the programs of an image that are used', () => {
  it('are in the guide, for every script that runs in a container', () => {
    const templates = readdirSync(join(__dirname, '../../templates')).filter(name => name.endsWith('.sh'));
    expect(Object.keys(scripts)).toEqual(templates.sort());
    const inImages = Object.entries(scripts).filter(([, image]) => image !== 'the host');
    for (const [name, image] of inImages) {
      const text = templateText(name);
      // kubectl is the host's, and mounted.
      const ran =
        name === 'copy-snapshot.sh'
          ? [...text.matchAll(/there '([^']*)'/g)].flatMap(([, script = '']) => [...programsOf(script)])
          : [...programsOf(text)].filter(word => word !== 'kubectl');
      expect(
        ran.filter(word => !used(image).includes(word)),
        name,
      ).toEqual([]);
      expect(ran.length, name).toBeGreaterThan(0);
    }
  });

  it('are what is read out of a script', () => {
    const script = `
# cat is a word here
say() { date -u; }
case $x in a | b) mv 1 2 ;; *) say it ;; esac
cut -f1 <"$a" | { while read -r b; do c=$(head -n1) || exit; done; }
if ! grep -q 'awk x' file; then X=1 sort && exec uniq; fi
tee <<END
seq 1
END
`;
    expect([...programsOf(script)].sort()).toEqual([
      'cut',
      'date',
      'grep',
      'head',
      'mv',
      'sort',
      'tee',
      'uniq',
    ]);
  });

  it('are in the guide, for every container that is told what to start', () => {
    const masters = [MASTER, { hostname: 'master2', address: '10.0.0.2' }];
    const pods = (told: Settings): readonly unknown[] => [
      ...(fromYaml(firstEtcdManifest(told, MASTER)) ?? []),
      ...Object.values(etcdManifests(told, masters, 1)).flatMap(text => fromYaml(text as string) ?? []),
      ...mastersObjects(told, MASTER),
      ...dnsJobObjects(told, MASTER, ROOM_TO_COME, PATCH_TO_COME),
      swapJob(MASTER, told.images['kube-proxy'], ''),
      ...flannelObjects(told, MASTER),
      ...tillerObjects(told.images.tiller),
    ];
    const all = [...containersIn(pods(settings)), ...containersIn(pods(older))];
    expect(all.length).toBeGreaterThan(10);
    for (const { image, command = [], name } of all) {
      const [, short = '', tag = ''] = /([^/:]+):([^:]+)$/.exec(image) ?? [];
      const which = short === 'etcd' && tag.startsWith('3.3') ? 'etcd before 3.4' : short;
      const [file = ''] = command;
      const programs = file === '' ? [] : [file.split('/').slice(-1)[0] ?? ''];
      const script = command[1] === '-c' ? [...programsOf(command[2] ?? '')] : [];
      // kubectl is the host's, and mounted.
      const unknown = [...programs, ...script].filter(
        word => word !== 'kubectl' && !used(which).includes(word),
      );
      expect(unknown, `${name} of ${image}`).toEqual([]);
    }
  });
});
