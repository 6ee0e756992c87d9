import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../source/engine/event';
import { openJournal, parseJournal } from '../../source/engine/journal';
import { jsonListener } from '../../source/renderers/json';
import { plainListener } from '../../source/renderers/plain';
import { drawable } from '../../source/replay/drawable';
import { content } from '../../source/screens/content';
import type { Row } from '../../source/screens/frame/rows';
import { rowText } from '../../source/screens/frame/rows';
import { joinRows } from '../../source/screens/overlay/join-rows';
import { logRows } from '../../source/screens/overlay/rows';
import { advanced, atEnd, opened, stepped } from '../../source/screens/replay/playback';
import { withPlayback } from '../../source/screens/replay/shown';
import { beforeRows } from '../../source/screens/run/before-rows';
import { memberRows } from '../../source/screens/run/member-rows';
import { paneRows } from '../../source/screens/run/pane-rows';
import { stageRows } from '../../source/screens/run/stage-rows';
import { waitRows } from '../../source/screens/run/wait-rows';
import { openingState, type ScreensState } from '../../source/screens/state/screens';
import { currentStage } from '../../source/screens/state/stage';
import { detailRows, wholeRows } from '../../source/screens/summary/rows';
import { events, everything } from '../renderers/events';
import { Random } from '../support/random';
import { damaged, misshapen, tried } from './damage';

const SEED = 20_261_125;
const all = events(everything);
const text = all.map(event => `${JSON.stringify(event)}\n`).join('');
const size = { columns: 80, rows: 24 };
const blank = openingState('kube-el7-install 0.1.0', size, 0, {
  KUBE_VERSION: '',
  DOCKER_REGISTRY: '',
  vip: '',
  masters: '',
});

/** The rows of every screen that this state of a run could be looked at on. */
function allRows(state: ScreensState): readonly Row[] {
  const { run, now } = state;
  const stage = currentStage(run);
  return [
    ...stageRows(run, stage, true, now, 34).rows,
    ...paneRows(run, run.stages[stage], true, 43, 12),
    ...memberRows(run, 80),
    ...waitRows(state),
    ...beforeRows(run, now, 80),
    ...wholeRows(run, now, 80),
    ...detailRows(run, now, 80),
    ...joinRows(run, 80),
    ...logRows(state, run.lines.length, 0),
    ...(['preflight', 'failure', 'summary'] as const).flatMap(screen => content({ ...state, screen }).rows),
  ];
}

/** Does everything with events that this program does with the events of a journal. */
function used(found: readonly Event[]): void {
  const printed: string[] = [];
  const safe = found.map(drawable);
  safe.forEach(plainListener(line => printed.push(line)));
  safe.forEach(jsonListener(line => printed.push(line)));
  expect(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.exec(printed.join(''))).toBe(null);
  if (safe.length === 0) return;
  const playback = opened(safe, { speed: 10, playing: true });
  const state = withPlayback(blank, atEnd(stepped(advanced(playback, 700), 1)), 1);
  expect(Number.isFinite(state.now)).toBe(true);
  expect(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.exec(allRows(state).map(rowText).join('\n'))).toBe(null);
}

function journal(bytes: Buffer): void {
  const { events: found, skipped, newer } = parseJournal(bytes.toString('utf8'));
  expect(newer).toBeLessThanOrEqual(skipped);
  used(found);
}

describe('a journal', () => {
  const bytes = Buffer.from(text);

  it(`cut at any of its ${bytes.length} bytes is played up to there`, { timeout: 300_000 }, async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      await tried(
        () => {
          const { events: found, skipped } = parseJournal(bytes.subarray(0, at).toString('utf8'));
          const whole = bytes.subarray(0, at).toString('utf8').split('\n').length - 1;
          expect(found.length - whole === 0 || found.length - whole === 1).toBe(true);
          expect(found.length + skipped - whole).toBeLessThanOrEqual(1);
          // What was read of it is one of a few things: the last event alone is new.
          if (at % 10 === 0 || bytes[at] === 0x0a) used(found);
        },
        () => `cut at byte ${at}`,
      );
    }
  });

  it('altered at any byte is played, but for the line that was hit', { timeout: 300_000 }, async () => {
    const random = new Random(SEED);
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = random.below(256);
      await tried(
        () => {
          const { events: found } = parseJournal(altered.toString('utf8'));
          expect(found.length).toBeGreaterThanOrEqual(all.length - 2);
          // The one that was hit, and those that it is shown with.
          if (at % 10 === 0) used(found);
        },
        () => `byte ${at} made ${String(altered[at])}, seed ${SEED}`,
      );
    }
  });

  it('with events of other shapes is played without those', { timeout: 300_000 }, async () => {
    const random = new Random(SEED + 1);
    let left = 0;
    for (let round = 0; round < 1500; round += 1) {
      const lines = all.map(event => JSON.stringify(event));
      for (let times = 1 + random.below(3); times > 0; times -= 1) {
        const at = random.below(lines.length);
        lines[at] = JSON.stringify(misshapen(all[at], random));
      }
      await tried(
        () => {
          journal(Buffer.from(lines.join('\n')));
        },
        () => `round ${round}, seed ${SEED + 1}`,
      );
      left += parseJournal(lines.join('\n')).skipped > 0 ? 1 : 0;
    }
    expect(left).toBeGreaterThan(700);
  });

  it('nested deeper than any is refused, not printed', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const line = JSON.stringify(all[4]).replace(/}$/, `,"more":${deep}}`);
    expect(parseJournal(line)).toEqual({ events: [], skipped: 1, newer: 0 });
  });
});

describe('a state folder with a damaged journal', () => {
  let directory = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'bad-journals-'));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('begins a new run all the same, and keeps what was there', { timeout: 300_000 }, async () => {
    const random = new Random(SEED + 2);
    const recorded = readFileSync('test/fixtures/runs/failed.jsonl');
    for (let round = 0; round < 150; round += 1) {
      const folder = join(directory, String(round));
      mkdirSync(folder);
      const bytes = damaged(recorded, random);
      writeFileSync(join(folder, 'journal.jsonl'), bytes);
      if (random.chance(20)) mkdirSync(join(folder, 'journal-0.jsonl'));
      await tried(
        async () => {
          const opened = await openJournal(folder);
          await opened.close();
          const kept = readdirSync(folder).filter(
            name => name !== 'journal.jsonl' && name !== 'journal-0.jsonl',
          );
          expect(kept.length).toBe(bytes.toString().trim() === '' ? 0 : 1);
        },
        () => `round ${round}, seed ${SEED + 2}`,
      );
    }
  });

  it('also where a folder, or something without an end, has its name', async () => {
    for (const [name, make] of [
      [
        'folder',
        (path: string) => {
          mkdirSync(path);
        },
      ],
      [
        'name',
        (path: string) => {
          writeFileSync(path, JSON.stringify({ ...all[4], run: 'x'.repeat(5000) }));
        },
      ],
    ] as const) {
      const folder = join(directory, name);
      mkdirSync(folder);
      make(join(folder, 'journal.jsonl'));
      const opened = await openJournal(folder);
      await opened.close();
      expect(opened.resumed).toBe(false);
      expect(readdirSync(folder)).toHaveLength(2);
    }
  });

  it('and where the folder itself is none, it is a failure that says so', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    await expect(openJournal(path)).rejects.toMatchObject({ report: { code: 'journal-not-written' } });
  });
});
