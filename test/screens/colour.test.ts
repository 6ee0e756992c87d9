import { expect, it, vi } from 'vitest';
import { FakeInstaller } from './support/fake-installer';
import { atPlan, Opened } from './support/opened';

// Ink's colours are decided when it is loaded, and there is no terminal here.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

const COLOUR = /\b(3[0-7]|9[0-7])\b/;

async function fatal(env: Readonly<Record<string, string>>): Promise<Opened> {
  const installer = new FakeInstaller();
  installer.preflights = ['preflight-fatal'];
  installer.defaults = { ...installer.defaults, DOCKER_REGISTRY: 'r' };
  const screens = await new Opened({ installer, env }).sees('1.19.16');
  screens.press('enter', 'enter', 'enter', 'enter');
  return screens.sees('2 fatal');
}

function styles(screens: Opened): string[] {
  return screens.terminal.lines.flatMap((_, row) => screens.terminal.styled(row).map(({ style }) => style));
}

it('colour adds nothing to the words, and NO_COLOR takes it away', async () => {
  const coloured = await fatal({ NO_COLOR: '' });
  const plain = await fatal({ NO_COLOR: '1' });
  expect(plain.frame).toBe(coloured.frame);
  expect(styles(coloured).some(style => COLOUR.test(style))).toBe(true);
  expect(styles(plain).filter(style => COLOUR.test(style))).toEqual([]);
});

it('the marked line of the plan is bold, whatever the colours', async () => {
  const screens = await atPlan();
  const marked = screens.terminal.lines.findIndex(line => line.startsWith('›'));
  expect(screens.terminal.styled(marked).map(({ style }) => style)).toContain('1');
});
