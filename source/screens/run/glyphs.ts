import type { MemberStatus } from '../../engine/event';
import type { Tone } from '../frame/rows';
import type { StepStatus } from '../state/run-types';

/** The sign of a step or stage; help explains them. */
export const STATUS_SIGNS: Readonly<Record<StepStatus, { readonly glyph: string; readonly tone?: Tone }>> = {
  pending: { glyph: '·' },
  running: { glyph: '●', tone: 'accent' },
  changed: { glyph: '✔', tone: 'good' },
  unchanged: { glyph: '✔', tone: 'good' },
  failed: { glyph: '✘', tone: 'bad' },
};

/** The sign of an etcd member, beside its role in words. */
export const ROLE_SIGNS: Readonly<Record<MemberStatus['role'], string>> = {
  absent: '·',
  starting: '○',
  learner: '○',
  voter: '◆',
  leader: '★',
};
