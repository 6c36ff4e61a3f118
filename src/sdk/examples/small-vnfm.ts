/** A VNFM in 30 lines: agrees to everything, and has its instances migrated. Outside: from 'fenix-server/sdk'. */
import * as sdk from '../index.ts';

export async function startSmallVnfm(credentials: sdk.KeystoneCredentials, port = 12348) {
  const tokens = sdk.createKeystoneTokens(credentials);
  const clientFor = async (service: string) =>
    sdk.createMaintenanceClient({ endpoint: await tokens.endpoint(service), token: tokens.token });
  const maintenance = await clientFor('maintenance');
  const listener = await sdk.listenForAlarms({ port, onNotification: answer, onError: complain });
  const alarm = await sdk.subscribe(await clientFor('alarming'), {
    name: 'small-vnfm',
    eventType: 'maintenance.scheduled',
    url: listener.url,
  });

  async function answer(notification: sdk.Notification) {
    if (!sdk.isQuestion(notification)) return;
    if (notification.state === 'SCALE_IN') {
      // Here an application deletes what it can do without for a while; MAINTENANCE_COMPLETE says when to bring it back.
    }
    if (sdk.isMoveQuestion(notification)) {
      // Here it makes sure that none of these instances is the one that does the work.
      const ids = await sdk.instanceIds(maintenance, notification);
      const actions = Object.fromEntries(ids.map((id) => [id, 'MIGRATE' as const]));
      await sdk.reply(maintenance, notification, sdk.ack(notification, actions));
    } else {
      await sdk.reply(maintenance, notification, sdk.ack(notification));
    }
  }
  function complain(error: unknown) {
    process.stderr.write(`${sdk.explain(error)}\n`);
  }
  return () => Promise.all([alarm.cancel(), listener.close()]);
}
