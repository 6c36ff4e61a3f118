import { afterEach, beforeEach, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { type Lab, startLab } from '../../../src/lab/lab.ts';
import { call } from './recorded-facts.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ config: doctorScenario() });
});

afterEach(() => lab.stop());

const glance = (path: string, token: string | undefined = lab.token('doctor')) =>
  call({ method: 'GET', path: `${lab.url}/image${path}`, ...(token === '' ? {} : { token }) });

it('says which versions there are without a token', async () => {
  expect(await glance('/', '')).toMatchObject({
    status: 300,
    body: {
      versions: [
        { id: 'v2.15', status: 'CURRENT', links: [{ rel: 'self', href: `${lab.url}/image/v2/` }] },
        ...Array.from({ length: 9 }, () => ({ status: 'SUPPORTED' })),
      ],
    },
  });
});

it('lists and shows the image that servers were booted from', async () => {
  const image = { id: lab.imageId, name: 'cirros', status: 'active', visibility: 'public' };
  expect(await glance('/v2/images')).toMatchObject({ status: 200, body: { images: [image] } });
  expect(await glance(`/v2/images?id=${lab.imageId}`)).toMatchObject({ body: { images: [image] } });
  expect(await glance('/v2/images?name=other')).toMatchObject({ status: 200, body: { images: [] } });
  expect(await glance(`/v2/images/${lab.imageId}`)).toMatchObject({ status: 200, body: image });
});

it('refuses callers without a token, and ids that it does not have', async () => {
  expect(await glance('/v2/images', '')).toMatchObject({ status: 401 });
  expect(await glance('/v2/images/nothing')).toMatchObject({ status: 404 });
  expect(await glance('/v1/images')).toMatchObject({ status: 404 });
});

it('is away when everything is', async () => {
  lab.setFault({ kind: 'unavailable', times: 1 });
  expect(await glance('/v2/images')).toMatchObject({ status: 503 });
});
