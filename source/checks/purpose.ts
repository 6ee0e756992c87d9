/** Whether a master is to be raised here, or only the machine image prepared that workers are cloned from, too. */
export type Purpose = 'install' | 'prepare';
