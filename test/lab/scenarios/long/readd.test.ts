import { describe, expect, test } from 'vitest';
import { standing } from '../replaced';
import type { Standing } from '../replaced';
import { complaint, eventsOfType, install } from '../support';
import { Terminal, wrapped } from '../terminal';

const masters = ['master1', 'master2', 'master3'];
const ways = ['command', 'screen'] as const;
const cases = ways.flatMap(way =>
  (['replaced', 'wiped'] as const).flatMap(how => masters.map(name => [name, how, way] as const)),
);

describe('a master whose host was destroyed', () => {
  const cluster = standing();

  test.each(cases)('is put back: %s, %s, by %s', async (name, how, way) => {
    const since = Date.now();
    await cluster().lose({ [name]: how });
    await cluster().join(name);
    if (way === 'command') expect(complaint(await cluster().putBack(name))).toBe('');
    else await byScreen(cluster(), name);
    await cluster().expectWhole(`${name}, ${how}, by ${way}`, since);
  });

  test('is left as it is where only another one is asked for, which is well', async () => {
    const since = Date.now();
    const master3 = cluster().lab.host('master3');
    await master3.powerCut();
    const { name } = cluster().lab.host('master2');
    const run = await install(cluster().survivor(), `readd-member --yes --output json ${name}`);
    expect(complaint(run)).toBe('');
    expect(run.stdout).toContain(`Nothing is the matter with ${name}`);
    expect(eventsOfType(run.events, 'change-started')).toEqual([]);
    await master3.boot();
    await cluster().expectWhole('master3, off for a while', since);
  });
});

async function byScreen(cluster: Standing, name: string): Promise<void> {
  const host = cluster.lab.host(name);
  const terminal = await Terminal.openInstaller(cluster.survivor(name), 'readd-member');
  try {
    await terminal.shows(wrapped(`${host.name} can be put back now`), 180_000);
    await terminal.press('y');
    await terminal.shows(wrapped(`${host.name} is back: etcd has 3 voters`), 600_000);
  } finally {
    await terminal.close();
  }
}
