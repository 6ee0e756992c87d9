import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeImage } from './image';
import { Builder, keyOf } from './part';
import type { Part } from './part';
import { kubernetes, missingFiles, registry, yumRepository } from './recipes';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const part = (name: string, more: Partial<Part> = {}): Part => ({
  name,
  says: `building ${name}`,
  seconds: 1,
  files: [],
  needs: [],
  build: out => {
    writeFileSync(join(out, 'made'), name);
    return Promise.resolve();
  },
  ...more,
});

describe('the key of a part', () => {
  it('changes with its files, its words and with what it needs', () => {
    const recipe = join(folder, 'recipe');
    writeFileSync(recipe, 'one');
    const below = (): Part => part('below', { files: [recipe] });
    const above = (): Part => part('above', { needs: [below()] });
    const before = keyOf(above());
    expect(keyOf(above())).toBe(before);
    expect(keyOf(part('above', { needs: [below()], words: ['1'] }))).not.toBe(before);
    writeFileSync(recipe, 'two');
    expect(keyOf(above())).not.toBe(before);
  });

  it('is of files that exist', () => {
    const parts = [kubernetes, registry, yumRepository];
    const all = [...parts, ...parts.flatMap(each => each.needs)];
    expect(missingFiles(all)).toEqual([]);
  });
});

describe('a builder', () => {
  const builder = (lines: string[] = []): Builder =>
    new Builder({ cache: folder, report: line => lines.push(line) });

  it('builds a part once, after what it needs, and keeps it for the next builder', async () => {
    const below = part('below');
    const above = part('above', {
      needs: [below],
      build: (out, run) => {
        writeFileSync(join(out, 'made'), readFileSync(join(run.of(below), 'made')));
        return Promise.resolve();
      },
    });
    const lines: string[] = [];
    const first = builder(lines);
    const made = await Promise.all([first.make(above), first.make(above)]);
    expect(readFileSync(join(made[0], 'made'), 'utf8')).toBe('below');
    expect(lines.filter(line => line.startsWith('above: building'))).toHaveLength(1);
    const later: string[] = [];
    expect(await builder(later).make(above)).toBe(made[0]);
    expect(later).toEqual([]);
  });

  it('leaves nothing where the part belongs when its build fails', async () => {
    const broken = part('broken', {
      build: out => {
        writeFileSync(join(out, 'half'), '');
        return Promise.reject(new Error('no space'));
      },
    });
    await expect(builder().make(broken)).rejects.toThrow('no space');
    expect(existsSync(join(folder, 'parts/broken'))).toBe(false);
    const whole = part('broken');
    expect(readdirSync(await builder().make(whole))).toEqual(['made']);
  });

  it('removes what a build whose process is gone has left', () => {
    const abandoned = join(folder, 'building/old-999999999');
    mkdirSync(abandoned, { recursive: true });
    builder();
    expect(existsSync(abandoned)).toBe(false);
  });

  it('keeps the two newest versions of a part', async () => {
    const keys = await Promise.all(
      ['1', '2', '3'].map(word => builder().make(part('edited', { words: [word] }))),
    );
    expect(new Set(keys).size).toBe(3);
    builder().prune();
    expect(readdirSync(join(folder, 'parts/edited'))).toHaveLength(2);
  });
});

describe('an image in the registry', () => {
  const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

  it('is found by its tag, and every blob is what its digest says', () => {
    const file = join(folder, 'layer.tar.gz');
    writeFileSync(file, 'a layer');
    const layer = { file, digest: sha('a layer'), diffId: 'f'.repeat(64), size: 7 };
    const storage = join(folder, 'storage');
    const config = { Entrypoint: ['/one'], Env: ['HOME=/tmp'] };
    storeImage(storage, { name: 'one', tag: '1' }, [layer], config);
    storeImage(storage, { name: 'two', tag: '2' }, [layer], { ...config, Entrypoint: ['/two'] });

    const root = join(storage, 'docker/registry/v2');
    const blob = (digest: string): Buffer => {
      const content = readFileSync(join(root, 'blobs/sha256', digest.slice(7, 9), digest.slice(7), 'data'));
      expect(`sha256:${sha(content)}`).toBe(digest);
      return content;
    };
    const tag = readFileSync(join(root, 'repositories/two/_manifests/tags/2/current/link'), 'utf8');
    const manifest = JSON.parse(blob(tag).toString()) as {
      config: { digest: string; size: number };
      layers: { digest: string; size: number }[];
    };
    const configuration = blob(manifest.config.digest);
    expect(configuration).toHaveLength(manifest.config.size);
    const described = JSON.parse(configuration.toString()) as {
      config: { Entrypoint: string[]; Env: string[] };
      rootfs: { diff_ids: string[] };
    };
    expect(described.config.Entrypoint).toEqual(['/two']);
    expect(described.config.Env).toContainEqual(expect.stringMatching(/^PATH=/));
    expect(described.config.Env).toContain('HOME=/tmp');
    expect(described.rootfs.diff_ids).toEqual([`sha256:${layer.diffId}`]);
    expect(manifest.layers.map(each => [blob(each.digest).toString(), each.size])).toEqual([['a layer', 7]]);
  });
});
