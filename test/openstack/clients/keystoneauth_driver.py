#!/usr/bin/python3
"""How Tacker and Doctor's vnfm.py find our server and call it: a session, an adapter, the catalog."""
from keystoneauth1 import adapter, discover

from recorder import Recorder, read_input, session_of

cloud = read_input()
account = cloud['doctor']
region = account['region_name']
project = account['project_id']
root = cloud['maintenance_url']
record = Recorder()
step = record.step
session = session_of(account)
admin = session_of(cloud['admin'])
found = {'service_type': 'maintenance', 'region_name': region, 'interface': 'public'}

# Who we are, and where things are.
record.note('project', session.get_project_id() == project)
access = session.auth.get_access(session)
record.note('roles', sorted(access.role_names))
record.note('project and user', [access.project_name, access.username, access.project_domain_id])
record.note('service types', sorted(
    one['type'] for one in access.service_catalog.catalog if one['type'] in (
        'alarming', 'compute', 'identity', 'maintenance')))
for interface in ('public', 'internal', 'admin'):
    step('endpoint ' + interface, lambda: session.get_endpoint(**dict(found, interface=interface)))
step('endpoint of several interfaces', lambda: session.get_endpoint(**dict(found, interface=['internal', 'public'])))
step('endpoint in another region', lambda: session.get_endpoint(**dict(found, region_name='Nowhere')))
step('endpoint of another type', lambda: session.get_endpoint(service_type='orchestration', region_name=region))


# What keystoneauth reads of the versions of a service.
def endpoint_data(**wish):
    def look():
        data = session.get_endpoint_data(**wish)
        return data and {name: getattr(data, name) for name in (
            'url', 'catalog_url', 'service_type', 'service_name', 'region_name', 'interface',
            'api_version', 'major_version', 'min_microversion', 'max_microversion')}
    return look


step('data', endpoint_data(**found))
step('data from 1', endpoint_data(min_version='1', **found))
step('data of 1.latest', endpoint_data(min_version='1', max_version='1.latest', **found))
step('data of latest', endpoint_data(min_version='1', max_version='latest', **found))
step('data of 2', endpoint_data(min_version='2', max_version='2.latest', **found))
step('data of identity', endpoint_data(service_type='identity', region_name=region, interface='public',
                                       min_version='3', max_version='3.latest'))
step('data of compute', endpoint_data(service_type='compute', region_name=region, interface='public',
                                      min_version='2.1', max_version='latest'))
step('major version', lambda: session.get_api_major_version(**found))
step('all versions', lambda: [
    {key: str(one[key]) for key in ('version', 'status', 'url')}
    for by_interface in session.get_all_version_data(
        interface='public', region_name=region, service_type='maintenance').values()
    for by_type in by_interface.values() for versions in by_type.values() for one in versions])
for place in ('/', '/v1', '/v1/'):
    step('versions at ' + place, lambda: [
        [str(one['version']), one['url']] for one in discover.Discover(session, root + place).version_data()])
step('unauthenticated discovery', lambda: [
    str(one['version']) for one in discover.Discover(session, root, authenticated=False).version_data()])


# The calls, through the adapter.
def adapter_of(whose, **more):
    return adapter.Adapter(whose, **dict(found, **more))


def answer(call):
    """Status and body, as the client got them."""
    def asked():
        response = call()
        return [response.status_code, response.json()]
    return asked


tacker = adapter_of(session)
group_id, instance_id = cloud['group_id'], cloud['instance_id']
group = {
    'group_id': group_id, 'project_id': project, 'group_name': 'tacker_nonha_app_group_vnf',
    'anti_affinity_group': False, 'max_instances_per_host': 0, 'max_impacted_members': 1,
    'recovery_time': 60, 'resource_mitigation': True,
}
instance = {
    'instance_id': instance_id, 'project_id': project, 'group_id': group_id, 'instance_name': 'VDU1',
    'max_interruption_time': 120, 'migration_type': 'MIGRATE', 'resource_mitigation': True,
    'lead_time': 120,
}
step('PUT instance', answer(lambda: tacker.put('/instance/' + instance_id, json=instance)))
step('PUT instance_group', answer(lambda: tacker.put('/instance_group/' + group_id, json=group)))
step('GET instance', answer(lambda: tacker.get('/instance/' + instance_id)))
step('GET instance_group', answer(lambda: tacker.get('/instance_group/' + group_id)))
step('PUT of another project', answer(lambda: tacker.put(
    '/instance_group/' + group_id, json=dict(group, project_id='f' * 32))))
step('DELETE instance', answer(lambda: tacker.delete('/instance/' + instance_id)))
step('DELETE instance_group', answer(lambda: tacker.delete('/instance_group/' + group_id)))
step('DELETE once more', answer(lambda: tacker.delete('/instance_group/' + group_id)))
step('GET what is gone', answer(lambda: tacker.get('/instance/' + instance_id)))

operator = adapter_of(admin)
step('sessions', answer(lambda: operator.get('/maintenance')))
step('sessions as a member', answer(lambda: tacker.get('/maintenance')))
step('a session that is none', answer(lambda: operator.get('/maintenance/' + instance_id)))
step('sessions by a filter', answer(lambda: admin.get(
    '/maintenance', endpoint_filter={'service_type': 'maintenance', 'min_version': '1'})))
step('sessions through an adapter with versions', answer(lambda: adapter_of(
    admin, min_version='1', max_version='1.latest').get('/maintenance')))
step('sessions at another version', answer(lambda: adapter_of(admin, min_version='2').get('/maintenance')))

# One token for all of it, until it is no good any more.
first = admin.get_token()
operator.get('/maintenance')
record.note('token kept', admin.get_token() == first)
session_of(cloud['admin']).delete(
    cloud['admin']['auth_url'] + '/auth/tokens', headers={'X-Subject-Token': first})
step('sessions with a revoked token', answer(lambda: operator.get('/maintenance')))
second = admin.get_token()
record.note('token renewed after the revocation', second != first)
# keystoneauth goes by what Keystone told: as if an hour had passed.
admin.auth.auth_ref._data['token']['expires_at'] = '2000-01-01T00:00:00.000000Z'
step('sessions with an expired token', answer(lambda: operator.get('/maintenance')))
record.note('token renewed after its end', admin.get_token() != second)
step('invalidate', lambda: admin.invalidate())
step('sessions without a token', lambda: adapter_of(admin).get('/maintenance', authenticated=False).status_code)
record.print()
