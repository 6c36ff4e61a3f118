#!/usr/bin/python3
"""What Fenix, Doctor's programs and Tacker do with Nova (facts 3.4), by novaclient."""
import novaclient
from novaclient import api_versions, client

from recorder import Recorder, plain, read_input, session_of, wait_for

cloud = read_input()
admin_session = session_of(cloud['admin'])
doctor_session = session_of(cloud['doctor'])
region = cloud['admin']['region_name']
record = Recorder()
step = record.step


def nova_of(session, version):
    return client.Client(version, session=session, region_name=region)


# As Fenix does: 2.53 first, then the lower of what client and server know.
at_2_53 = nova_of(admin_session, '2.53')
current = at_2_53.versions.get_current()
record.note('versions', [one.version for one in at_2_53.versions.list()])
newest = min(novaclient.API_MAX_VERSION, api_versions.APIVersion(current.version))
record.note('negotiated', newest.get_string())
step('discovered', lambda: api_versions.discover_version(at_2_53, api_versions.APIVersion('2.latest')))
step('a version that is none', lambda: admin_session.get('/servers', microversion='2.999', endpoint_filter={
    'service_type': 'compute', 'region_name': region}))
nova = nova_of(admin_session, newest.get_string())
doctor = nova_of(doctor_session, newest.get_string())


def compute_services(which):
    return [one for one in which.services.list(binary='nova-compute')]


def on(which, host):
    return next(one for one in compute_services(which) if one.host == host)


# A host with servers.
host = getattr(nova.servers.list(search_opts={'all_tenants': 1})[0], 'OS-EXT-SRV-ATTR:host')
for name, which in (('2.34', nova_of(admin_session, '2.34')), ('2.53', at_2_53), ('newest', nova)):
    step('services at ' + name, lambda: [plain(one) for one in compute_services(which)])
    step('hypervisors at ' + name, lambda: [plain(one) for one in which.hypervisors.list()])
    step('hypervisors in brief at ' + name, lambda: [plain(one) for one in which.hypervisors.list(detailed=False)])
    found = step('hypervisor by search at ' + name, lambda: which.hypervisors.search(host))
    step('hypervisor with servers at ' + name, lambda: sorted({
        key for one in which.hypervisors.search(host, servers=True)[0].servers for key in one}))
    step('hypervisor shown at ' + name, lambda: which.hypervisors.get(found[0].id))
    step('servers at ' + name, lambda: [
        plain(one) for one in which.servers.list(detailed=True, search_opts={'all_tenants': 1})])
    step('server groups at ' + name, lambda: [plain(one) for one in which.server_groups.list(all_projects=True)])
step('hypervisor by a wrong name', lambda: nova.hypervisors.search('nowhere'))
step('services of another binary', lambda: sorted({
    one.binary for one in nova.services.list(binary='nova-consoleauth')}))

# Closed and opened, in the way since 2.53 and in the one before.
service = compute_services(nova)[0]
step('disable', lambda: nova.services.disable_log_reason(service.id, 'maintenance'))
step('disabled', lambda: on(nova, service.host))
step('servers on a closed host', lambda: sorted({
    one.host_status for one in nova.servers.list(search_opts={'all_tenants': 1, 'host': service.host})}))
step('enable', lambda: nova.services.enable(service.id))
step('enabled', lambda: on(nova, service.host))
old = nova_of(admin_session, '2.34')
step('disable by name', lambda: old.services.disable_log_reason(service.host, 'nova-compute', 'maintenance'))
step('enable by name', lambda: old.services.enable(service.host, 'nova-compute'))
step('force down by name', lambda: old.services.force_down(service.host, 'nova-compute', True))
step('forced down', lambda: on(nova, service.host))
step('force up', lambda: nova.services.force_down(service.id, False))
wait_for('the compute to be up', lambda: on(nova, service.host).state == 'up')
step('disable as a member', lambda: doctor.services.disable(service.id))
step('disable an unknown one', lambda: nova.services.disable('00000000-0000-4000-8000-000000000000'))
step('services as a member', lambda: doctor.services.list())

# As the project sees its own.
step('servers of the project', lambda: [plain(one) for one in doctor.servers.list(detailed=True)])
step('names', lambda: sorted(one.name for one in doctor.servers.list()))
step('all servers as a member', lambda: doctor.servers.list(search_opts={'all_tenants': 1}))
step('groups of the project', lambda: [plain(one) for one in doctor.server_groups.list()])

# Moves, where there is room for one.
moved = next(one for one in nova.servers.list(search_opts={'all_tenants': 1})
             if one.name == 'doctor_nonha_app_0')
source = getattr(moved, 'OS-EXT-SRV-ATTR:host')


def state():
    return getattr(nova.servers.get(moved.id), 'OS-EXT-STS:vm_state')


def settled(wanted):
    def look():
        shown = nova.servers.get(moved.id)
        if getattr(shown, 'OS-EXT-STS:vm_state') == 'error':
            raise RuntimeError('the server is in error: %s' % shown.to_dict())
        return getattr(shown, 'OS-EXT-STS:vm_state') == wanted and not getattr(shown, 'OS-EXT-STS:task_state')
    return look


step('confirm what was not moved', lambda: nova.servers.confirm_resize(moved.id))
step('migrate as a member', lambda: doctor.servers.migrate(moved.id))
step('migrate to an unknown host', lambda: nova.servers.migrate(moved.id, host='nowhere'))
step('migrate to its own host', lambda: nova.servers.migrate(moved.id, host=source))
step('migrate an unknown server', lambda: nova.servers.migrate('00000000-0000-4000-8000-000000000000'))
step('migrate', lambda: nova.servers.migrate(moved.id))
step('migrate once more', lambda: nova.servers.migrate(moved.id))
wait_for('resized', settled('resized'))
step('resized', lambda: nova.servers.get(moved.id))
step('migrate what is to be confirmed', lambda: nova.servers.migrate(moved.id))
step('confirm', lambda: nova.servers.confirm_resize(moved.id))
wait_for('active', settled('active'))
step('confirmed', lambda: nova.servers.get(moved.id))
record.note('moved away', getattr(nova.servers.get(moved.id), 'OS-EXT-SRV-ATTR:host') != source)


def in_migrations(status):
    return lambda: any(one.status == status for one in nova.migrations.list(instance_uuid=moved.id))


wait_for('the record of the move', in_migrations('confirmed'))
step('live migrate to an unknown host', lambda: nova.servers.live_migrate(moved.id, 'nowhere', 'auto'))
step('live migrate', lambda: nova.servers.live_migrate(moved.id, None, 'auto'))
step('migrations under way', lambda: sorted(
    {key for one in wait_for('a migration under way', lambda: nova.server_migrations.list(moved.id))
     for key in one.to_dict()}))
wait_for('completed', in_migrations('completed'))
wait_for('active', settled('active'))
step('migrations', lambda: [plain(one) for one in nova.migrations.list(instance_uuid=moved.id)])
step('migrations at 2.34', lambda: [
    plain(one) for one in old.migrations.list() if one.instance_uuid == moved.id])
step('migrations under way afterwards', lambda: nova.server_migrations.list(moved.id))
step('abort nothing', lambda: nova.server_migrations.live_migration_abort(moved.id, 1))


def abort():
    under_way = wait_for('a migration that runs', lambda: [
        one for one in nova.server_migrations.list(moved.id) if one.status == 'running'])
    nova.server_migrations.live_migration_abort(moved.id, under_way[0].id)


step('live migrate again', lambda: nova.servers.live_migrate(moved.id, None, 'auto'))
step('abort', abort)
wait_for('active', settled('active'))
step('statuses of all moves', lambda: [
    one.status for one in nova.migrations.list(instance_uuid=moved.id)])
step('actions', lambda: [[one.action, one.message] for one in nova.instance_action.list(moved.id)])
record.print()
