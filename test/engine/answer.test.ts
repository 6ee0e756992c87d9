import { describe, expect, it } from 'vitest';
import { reasonIn, sentenceOf } from '../../source/engine/answer';

describe('an answer', () => {
  it.each([
    ['', undefined],
    ['  \n', undefined],
    ['one\ntwo\n', 'two'],
    [
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"nodes \\"m2\\" not found","reason":"NotFound","code":404}',
      'nodes "m2" not found: NotFound',
    ],
    ['{"health":"false","reason":"RAFT NO LEADER"}', 'RAFT NO LEADER'],
    ['{"health":"false"}', 'health: false'],
    [
      '{"error":"etcdserver: no leader","message":"etcdserver: no leader","code":14}',
      'etcdserver: no leader',
    ],
    [
      '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[]}]}',
      /authentication required/,
    ],
    [
      '{"level":"warn","ts":"2026-11-30T12:00:00Z","msg":"retrying of unary invoker failed","error":"rpc error: code = Unavailable"}',
      'retrying of unary invoker failed: rpc error: code = Unavailable',
    ],
    [
      '{"digest":"ab","complete":false,"missing":[],"did":"waits for its turn","at":"12:00"}',
      'waits for its turn',
    ],
    ['{"items":[{"a":1}]}', 'an answer without a message'],
    ['[]', 'an empty list'],
    ['HTTP 500: {"message":"boom"}', 'HTTP 500: boom'],
    ['<!DOCTYPE html><html><head><title> Log in </title></head></html>', 'an HTML page, "Log in"'],
    ['<html>\n<body>x</body>', 'an HTML page'],
    ['{"cut off', '{"cut off'],
  ])('%j', (text, said) => {
    if (said instanceof RegExp) expect(sentenceOf(text)).toMatch(said);
    else expect(sentenceOf(text)).toBe(said);
  });

  it('is one line, however long', () => {
    expect(sentenceOf(`{"message":"a\\nb${'x'.repeat(500)}"}`)).toMatch(/^a bx{397}…$/);
  });
});

describe('why a program failed', () => {
  it('is its last line that tells of a failure, wherever that stands', () => {
    expect(
      reasonIn(['Error response from daemon: manifest unknown', 'usage: docker pull NAME', 'see --help']),
    ).toBe('Error response from daemon: manifest unknown');
    expect(reasonIn(['first', 'second'])).toBe('second');
    expect(reasonIn(['', ' '])).toBeUndefined();
  });
});
