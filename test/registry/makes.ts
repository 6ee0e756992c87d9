import { error } from './standins';
import type { Make } from './standins';

const bearer = (realm: string, service: string, scope = ''): string =>
  `Bearer realm="${realm}",service="${service}"${scope === '' ? '' : `,scope="${scope}"`}`;

/** What registries of several makes do, each by its public source. */
export const MAKES = {
  /** docker/distribution without access control: /v2/ answers {}. */
  distribution: {},

  /** docker/distribution registry/auth/htpasswd: one challenge for all. */
  htpasswd: { challenges: () => ['Basic realm="Registry Realm"'] },

  /** goharbor/harbor 2: server/middleware/v2auth getChallenge: Bearer without, and Basic with any Authorization; HEAD without one gets 401 (harbor#11271). */
  harbor: {
    tokens: '/service/token',
    anonymous: () => 'token',
    challenges: ({ base, scope, authorization }) =>
      authorization === ''
        ? [bearer(`${base}/service/token`, 'harbor-registry', scope)]
        : ['Basic realm="harbor"'],
  },

  /** Harbor 1: docker/distribution behind nginx, with auth.token (make/photon/prepare, registry's config.yml). */
  harbor1: {
    tokens: '/service/token',
    anonymous: () => 'token',
    challenges: ({ base, scope }) => [bearer(`${base}/service/token`, 'harbor-registry', scope)],
  },

  /** gitlab-org/gitlab: JwtController and ContainerRegistryAuthenticationService: 403 "access forbidden" where nothing is asked for or nothing may be had. */
  gitlab: {
    tokens: '/jwt/auth',
    anonymous: scope => (scope.includes(':k8s/') ? 'token' : 403),
    challenges: ({ base, scope }) => [bearer(`${base}/jwt/auth`, 'container_registry', scope)],
  },

  /** sonatype/nexus-public with its Bearer Token Realm: realm and service are one (vmware/vic#8391); HEAD is 404 (andrey-pohilko/registry-cli#14). */
  nexus: {
    tokens: '/v2/token',
    anonymous: () => 'token',
    challenges: ({ base }) => [bearer(`${base}/v2/token`, `${base}/v2/token`)],
    answers: ({ method, path }, respond) => {
      if (method !== 'HEAD' || path === '/v2/') return false;
      respond(404);
      return true;
    },
  },

  /** Nexus without that realm: BASIC in capitals, and no anonymous pull (savoirfairelinux/ansible-nexus3-oss#27). */
  nexusBasic: { challenges: () => ['BASIC realm="Sonatype Nexus Repository Manager"'] },

  /** Artifactory: tokens below /artifactory/api/docker/REPOSITORY (renovatebot/renovate#11765); HEAD is 403 (crazy-max/diun#1614). */
  artifactory: {
    tokens: '/artifactory/api/docker/k8s/v2/token',
    anonymous: () => 'token',
    challenges: ({ base }) => [
      bearer(`${base}/artifactory/api/docker/k8s/v2/token`, base.replace(/^https?:\/\//, '')),
    ],
    answers: ({ method }, respond) => {
      if (method !== 'HEAD') return false;
      respond(403, {}, error('DENIED', 'download of the manifest is not allowed'));
      return true;
    },
  },

  /** quay/quay endpoints/v2: /v2/ answers "true" with 401; auth/registry_jwt_auth get_auth_headers. */
  quay: {
    tokens: '/v2/auth',
    anonymous: () => 'token',
    challenges: ({ base, scope }) => [bearer(`${base}/v2/auth`, base.replace(/^https?:\/\//, ''), scope)],
  },

  /** Amazon ECR: Basic with a service, which docker passes over (mayflower/docker-ls#28). */
  ecr: { challenges: ({ base }) => [`Basic realm="${base}/",service="ecr.amazonaws.com"`] },

  /** docker.io beyond its limit (docker docs, "Docker Hub usage and limits"). */
  limited: {
    tokens: '/token',
    anonymous: () => 'token',
    challenges: ({ base, path }) => (path === '/v2/' ? [bearer(`${base}/token`, 'registry.docker.io')] : []),
    answers: ({ path }, respond) => {
      if (!path.includes('/manifests/')) return false;
      respond(429, {}, error('TOOMANYREQUESTS', 'You have reached your pull rate limit.'));
      return true;
    },
  },

  /** nginx with nothing in it. */
  webServer: {
    answers: ({ path }, respond) => {
      const found = path === '/';
      respond(found ? 200 : 404, { 'Content-Type': 'text/html' }, '<html><title>nginx</title></html>');
      return true;
    },
  },

  /** What shows its own page for whatever is asked. */
  portal: {
    answers: ({ path }, respond) => {
      if (path === '/login')
        respond(200, { 'Content-Type': 'text/html' }, '<!DOCTYPE html><html>Log in</html>');
      else respond(302, { Location: '/login' });
      return true;
    },
  },
} satisfies Record<string, Make>;
