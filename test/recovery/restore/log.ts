/** The first eight records of a member's log, as etcd 3.4 wrote them: checksum, metadata, snapshot, state (term 2), and four entries, none of which it knows to be agreed on. */
export const LOG = Buffer.from(
  [
    'BAAAAAAAAIQIBBAAAAAAACAAAAAAAAAACAEQicHokgMaFgjbrauv+ue4pq4BEJa/8euDn9HWxQEOAAAAAAAAgggFEMC+45ILGgQI',
    'ABAAAAAQAAAAAAAAAAgDELqs3sIFGgYIAhAAGAB1AAAAAAAAgwgCEJ7Z1+QEGmsIARABGAEiYwgAEAAY386RjKiLpfYeIlN7Imlk',
    'IjoyMjI4MzE5MDMyMDgyNDU4NDYzLCJwZWVyVVJMcyI6WyJodHRwczovLzEwLjE2MC4yLjExOjIzODAiXSwibmFtZSI6Im1hc3Rl',
    'cjEifQAAABAAAAAAAAAACAIQ45ea5AEaBggAEAIYAqAAAAAAAAAACAIQitL2vwYalQEIABACGAMijAEIgu7spb3C6K9nEgNQVVQa',
    'Ji8wL21lbWJlcnMvMWVlYzk0NWE4MTg0Njc1Zi9hdHRyaWJ1dGVzIjx7Im5hbWUiOiJtYXN0ZXIxIiwiY2xpZW50VVJMcyI6WyJo',
    'dHRwczovLzEwLjE2MC4yLjExOjIzNzkiXX0oADIAOABIAFAAWABgAGgAcAB4AIABAEsAAAAAAACFCAIQjImM1gsaQQgAEAIYBCI5',
    'CITu7KW9wuivZxIDUFVUGgovMC92ZXJzaW9uIgUzLjQuMCgAMgA4AEgAUABYAGAAaABwAHgAgAEAAAAAAAA=',
  ].join(''),
  'base64',
);
