/** `fenix-server policy`, in this process: what it prints, and the status that it exits with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { policyCommand } from '../../../src/cli/policy-command.ts';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import { loadPolicy } from '../../../src/policy/policy-file.ts';

interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

async function run(args: readonly string[], { env = {}, input = '' }: Given = {}) {
  const seen = { output: '', complaints: '', status: -1 };
  const command = policyCommand({
    env,
    readInput: () => Promise.resolve(input),
    write: (text) => void (seen.output += text),
    complain: (text) => void (seen.complaints += text),
    exit: (status) => void (seen.status = status),
  });
  // In a process of its own the exit comes before this.
  await command.parseAsync(args, { from: 'user' }).catch(() => undefined);
  return seen;
}

let folder = '';
let configFile = '';
let policyFile = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fenix-policy-command-'));
  [configFile = '', policyFile = ''] = ['fenix.yaml', 'policy.yaml'].map((name) => join(folder, name));
  writeFileSync(configFile, `policy:\n  file: ${policyFile}\n`);
  writeFileSync(policyFile, '"fenix:maintenance:get": "role:auditor"\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const member = '{"roles": ["member"], "project_id": "p1", "user_id": "u1"}';

describe('policy show', () => {
  it('prints the defaults as a policy file', async () => {
    const { output, status } = await run(['show']);
    expect(status).toBe(0);
    expect(parse(output)).toMatchObject({
      'fenix:maintenance:get': 'rule:admin_or_system_reader',
      admin: 'is_admin:True or role:admin',
    });
    expect(Object.keys(parse(output) as object)).toHaveLength(loadPolicy().rules.length);
    expect(output).not.toContain('# overridden');
  });

  it('marks what the file of the configuration overrides', async () => {
    const { output, status } = await run(['show', '--config', configFile]);
    expect(status).toBe(0);
    expect(output).toContain(
      [
        '# List the maintenance sessions.',
        '# GET /v1/maintenance',
        `# overridden in ${policyFile}:1; the default is "rule:admin_or_system_reader"`,
        '"fenix:maintenance:get": "role:auditor"',
      ].join('\n'),
    );
    expect(output.match(/# overridden/g)).toHaveLength(1);
  });

  it('tells what is wrong with the file', async () => {
    const path = join(folder, 'wrong.yaml');
    writeFileSync(path, 'admin: "role:a or"\n');
    const { complaints, status } = await run(['show'], { env: { FENIX_POLICY_FILE: path } });
    expect(status).toBe(2);
    expect(complaints).toContain(`admin (${path}:1): character 10 of "role:a or"`);
  });
});

describe('policy check', () => {
  it('prints why something is allowed, check by check', async () => {
    const target = ['--target', '{"project_id": "p1"}'];
    const { output, status } = await run(['check', 'fenix:instance:get', '--credentials', member, ...target]);
    expect(status).toBe(0);
    expect(output).toBe(
      [
        'allowed',
        'yes   rule:admin_or_owner',
        'yes     rule:admin or project_id:%(project_id)s',
        'no        rule:admin',
        'no          is_admin:True or role:admin',
        "no            is_admin:True  (the token's is_admin is False)",
        "no            role:admin  (the token's roles are member)",
        "yes       project_id:%(project_id)s  (the token's project_id is p1, the target's p1)",
        '',
      ].join('\n'),
    );
  });

  it('prints what is missing, and exits with 1', async () => {
    const { output, status } = await run(['check', 'fenix:maintenance:post', '--credentials', member]);
    expect(status).toBe(1);
    expect(output.split('\n')[0]).toBe('refused');
    expect(output).toContain('It needs the role admin. The rule is fenix:maintenance:post: rule:admin\n');
  });

  it("asks the site's own rules", async () => {
    const auditor = '{"roles": ["AUDITOR"]}';
    const args = ['check', 'fenix:maintenance:get', '--credentials', auditor];
    expect((await run(args)).status).toBe(1);
    expect((await run([...args, '--config', configFile])).status).toBe(0);
  });

  it.each([
    [
      ['fenix:instance:gte', '--credentials', member],
      /no rule fenix:instance:gte; did you mean fenix:instance:get\?/,
    ],
    [['fenix:instance:get'], /say who asks: --token, --credentials/],
    [['fenix:instance:get', '--credentials', '{'], /--credentials is not JSON/],
    [['fenix:instance:get', '--credentials', '[]'], /--credentials must be a JSON object/],
    [['fenix:instance:get', '--credentials', '{"roles": "member"}'], /roles must be a list of names/],
    [
      ['fenix:instance:get', '--credentials', '{"projectid": "p"}'],
      /no projectid; did you mean project_id\?/,
    ],
    [['fenix:instance:get', '--credentials', '{"is_admin": "True"}'], /is_admin must be true or false/],
    [['fenix:instance:get', '--credentials', member, '--token', 't'], /not both/],
    [
      ['fenix:instance:get', '--credentials', member, '--target', '{"project_id": 1}'],
      /project_id must be text/,
    ],
    [['fenix:instance:get', '--credentials', member, '--target', '{"user_id": "u"}'], /not with user_id/],
    [['fenix:instance:get', '--token', 't'], /needs a Keystone: set keystone\.auth_url/],
    [['fenix:instance:get', '--tokn', 't'], /unknown option '--tokn'/],
    [[], /missing required argument 'rule'/],
  ])('refuses what makes no sense with status 2: %j', async (args, says) => {
    const { output, complaints, status } = await run(['check', ...args]);
    expect(status).toBe(2);
    expect(complaints).toMatch(says);
    expect(output).toBe('');
  });
});

describe('policy check with a token of Keystone', () => {
  let lab: Lab;
  let env: NodeJS.ProcessEnv = {};
  beforeAll(async () => {
    lab = await startLab({ config: doctorScenario({ filled: false }) });
    env = {
      FENIX_KEYSTONE_AUTH_URL: lab.authUrl,
      FENIX_KEYSTONE_USERNAME: 'fenix',
      FENIX_KEYSTONE_PASSWORD: lab.users['fenix']!.password,
      FENIX_KEYSTONE_PROJECT_NAME: lab.users['fenix']!.projectName,
    };
  });
  afterAll(() => lab.stop());

  async function tokenOf(name: string): Promise<string> {
    const { password, projectName } = lab.users[name]!;
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, password, domain } } };
    const scope = { project: { name: projectName, domain } };
    const response = await fetch(`${lab.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope } }),
    });
    expect(response.status).toBe(201);
    return response.headers.get('x-subject-token') ?? '';
  }

  it('takes the token from the command line, from standard input and from FENIX_TOKEN', async () => {
    const token = await tokenOf('doctor');
    const target = ['--target', JSON.stringify({ project_id: lab.projects['doctor']!.id })];
    const args = ['check', 'fenix:instance:put', ...target];
    const runs = [
      await run([...args, '--token', token], { env }),
      await run([...args, '--token', '-'], { env, input: `${token}\n` }),
      await run(args, { env: { ...env, FENIX_TOKEN: token } }),
    ];
    expect(runs.map(({ status, complaints }) => ({ status, complaints }))).toEqual(
      runs.map(() => ({ status: 0, complaints: '' })),
    );
    for (const { output } of runs) expect(output).not.toContain(token);
  });

  it('tells admins from others', async () => {
    const statusOf = async (name: string) =>
      (await run(['check', 'fenix:maintenance:post'], { env: { ...env, FENIX_TOKEN: await tokenOf(name) } }))
        .status;
    expect([await statusOf('admin'), await statusOf('doctor')]).toEqual([0, 1]);
  });

  it('says that a token is not good, without repeating it', async () => {
    const { complaints, status } = await run(['check', 'fenix:maintenance:post', '--token', 'gAAAAforged'], {
      env,
    });
    expect(status).toBe(2);
    expect(complaints).toMatch(/does not know the token/);
    expect(complaints).not.toContain('forged');
  });
});
