/** What counts the pairs of operation and status must itself refuse what the contract does not have. */
import { describe, expect, it } from 'vitest';
import { AnswerChecker, documentedPairs, UndocumentedAnswer, type SentAnswer } from './answer-checker.ts';
import { sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const session = `/v1/maintenance/${sampleSessionId}`;
const json = 'application/json; charset=utf-8';
const checker = new AnswerChecker(['fenix', 'doctor-g0']);
const error = JSON.stringify({ error: 'a', message: 'b', code: 'session_not_found' });

const answer = (change: Partial<SentAnswer>): SentAnswer => ({
  method: 'GET',
  url: session,
  status: 200,
  contentType: json,
  text: JSON.stringify({ session_id: sampleSessionId, state: 'MAINTENANCE' }),
  ...change,
});

describe('an answer', () => {
  it.each<[string, Partial<SentAnswer>, readonly string[]]>([
    ['of an operation', {}, ['fenix getSession 200']],
    ['with a query and a slash', { url: `${session}/?a=/b` }, ['fenix getSession 200']],
    ['to a proxy', { url: `http://a.example.net${session}` }, ['fenix getSession 200']],
    ['that is an error', { status: 404, text: error }, ['fenix getSession 404']],
    [
      'of an alias',
      { url: `/maintenance/${sampleSessionId}`, text: '{"state":"MAINTENANCE"}' },
      ['doctor-g0 getSession 200'],
    ],
    [
      'to an alias in a word',
      { method: 'DELETE', url: '/maintenance/a', contentType: 'text/html; charset=utf-8', text: 'OK' },
      ['doctor-g0 deleteSession 200'],
    ],
    [
      'without a body',
      { method: 'DELETE', url: '/v2/alarms/a', status: 204, contentType: '', text: '' },
      ['fenix deleteAlarm 204'],
    ],
    [
      'to a method that the path does not have',
      { method: 'PATCH', url: `${session}/${sampleProjectId}`, status: 405, text: error },
      ['fenix getProjectInstances 405', 'fenix replyForProject 405'],
    ],
    ['to a path that nobody knows', { url: '/v1/nowhere', status: 404, text: '' }, []],
    [
      'to a stranger who asks with a method that is not there',
      { method: 'PATCH', status: 401, text: '' },
      [],
    ],
  ])('%s is one of its pairs', (_what, change, pairs) => {
    expect(checker.check(answer(change))).toEqual(pairs);
    for (const pair of pairs) expect(documentedPairs).toContain(pair);
  });

  it.each<[string, Partial<SentAnswer>]>([
    ['with a status that is not there', { status: 418 }],
    ['with another body', { text: '{"session_id":"a"}' }],
    ['with another value', { text: JSON.stringify({ session_id: 'a', state: 'NIGHT' }) }],
    ['with the body of another status', { status: 404 }],
    ['as HTML', { contentType: 'text/html', text: '<html>' }],
    ['without a body', { contentType: '', text: '' }],
    ['with a body where none belongs', { method: 'DELETE', url: '/v2/alarms/a', status: 204, text: '{}' }],
    ['with a code that is none', { status: 404, text: error.replace('session_not_found', 'lost') }],
  ])('%s is refused', (_what, change) => {
    expect(() => checker.check(answer(change))).toThrow(UndocumentedAnswer);
  });

  it('of an alias is none where it is not served', () => {
    const guarded = new AnswerChecker(['fenix']);
    expect(guarded.check(answer({ url: '/maintenance/a', status: 404, text: error }))).toEqual([]);
  });
});
