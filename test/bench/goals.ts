import type { Profile } from '../lab/hosts/profiles';
import type { Goal } from './figures';

/** What several masters are measured for. */
export type Measured =
  | 'growing'
  | 'whole'
  | 'end'
  | 'vip'
  | 'cut'
  | 'return'
  | 'growing fast'
  | 'cut fast'
  | 'readd'
  | 'readd away';

const times = (most: number): Goal => ({ kind: 'ratio', most, each: true });
const most = (value: number): Goal => ({ kind: 'value', most: value, each: true });

/** What is promised of several masters on hosts of each profile: in every round, beside kubeadm's of the same round. */
export const goals: Readonly<Record<Profile, Readonly<Partial<Record<Measured, Goal>>>>> = {
  quiet: {
    end: times(1.15),
    whole: times(0.9),
    growing: times(0.15),
    cut: times(0.5),
    return: times(0.15),
    vip: most(1),
    'growing fast': most(0.5),
    'cut fast': most(2),
    readd: times(1.3),
    'readd away': most(2),
  },
  small: {
    end: times(1.15),
    whole: times(1),
    growing: times(1),
    cut: times(1),
    return: times(1),
    readd: times(1.3),
    'readd away': most(5),
  },
};

/** Three masters keep two cores busy: times are promised where kubeadm's are Ready within so many seconds. */
export const FAST_SECONDS = 70;

/** What a pod may be without, on any profile, in seconds: as a host dies, and for all else that the installer does. */
export const podGoals = { death: most(30), otherwise: most(1) } as const;

/** What must not happen at all. */
export const none = most(0);
