/** Why an image cannot be had. */
export interface Problem {
  /** "is not in the registry" */
  readonly reason: string;
  /** What to do about it. */
  readonly fix: string;
  /** Of the registry as such, and so of all of its images. */
  readonly whole: boolean;
}

/** Ends the asking for one image. */
export class Refusal extends Error {
  constructor(readonly problem: Problem) {
    super(problem.reason);
  }
}

const FIXES = {
  registry: 'See that the registry runs, and that DOCKER_REGISTRY, _PLAIN_HTTP, _CA and its login are right.',
  image: 'Put it in the registry, or name another image in the variables file.',
  access:
    'Let everybody pull it, or give DOCKER_REGISTRY_USER and DOCKER_REGISTRY_PASSWORD_FILE of somebody who may.',
} as const;

/** A refusal for what concerns the registry as a whole, or one image, or who may pull that. */
export function refusal(concerns: keyof typeof FIXES, reason: string, fix?: string): Refusal {
  return new Refusal({ reason, fix: fix ?? FIXES[concerns], whole: concerns === 'registry' });
}
