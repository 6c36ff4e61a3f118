#!/usr/bin/python3
"""Fills the freshly started cloud; called by up.sh, safe to repeat.

setup.py identity       roles, projects, users, catalog; but for the server under test
setup.py resources N    image, flavors, quotas; waits until N computes are up; env.json
"""
import json
import os
import sys
import time

import requests

E = os.environ
STATE = E['FENIX_OPENSTACK_DIR']
PASSWORD = E['FENIX_OPENSTACK_PASSWORD']
IP = '127.0.0.1'
PATIENCE = 300  # seconds, for everything that is waited for


def address(name):
    return '%s:%s' % (IP, E['PORT_' + name])


def url(name, path=''):
    return 'http://' + address(name) + path


KEYSTONE = url('KEYSTONE', '/v3')
# type: (service name, endpoint)
CATALOG = {
    'compute': ('nova', url('NOVA', '/v2.1')),
    'placement': ('placement', url('PLACEMENT')),
    'image': ('glance', url('GLANCE')),
    'alarming': ('aodh', url('AODH')),
    'network': ('nullnet', url('NETWORK')),
}
# Registered by packaging/keystone/register.sh, as at a site.
MAINTENANCE = url('MAINTENANCE', '/v1')
SERVICE_USERS = ('nova', 'placement', 'glance', 'aodh', 'ceilometer')

http = requests.Session()
http.trust_env = False


def call(method, where, body=None, ok=(200, 201, 202, 204), **headers):
    headers = {k.replace('_', '-'): v for k, v in headers.items()}
    end = time.time() + PATIENCE
    while True:
        try:
            r = http.request(method, where, json=body, headers=headers, timeout=PATIENCE)
            # A service that has only just started may still answer 503.
            if r.status_code != 503 or time.time() > end:
                break
        except requests.ConnectionError:
            if time.time() > end:
                raise
        time.sleep(1)
    if r.status_code not in ok:
        raise SystemExit('%s %s: %s %s' % (method, where, r.status_code, r.text))
    return r.json() if r.content else None


def login(user='admin', project='admin'):
    r = http.post(KEYSTONE + '/auth/tokens', timeout=PATIENCE, json={'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': user, 'domain': {'id': 'default'}, 'password': PASSWORD}}},
        'scope': {'project': {'name': project, 'domain': {'id': 'default'}}}}})
    r.raise_for_status()
    http.headers['X-Auth-Token'] = r.headers['X-Subject-Token']
    return r.json()['token']


def named(kind, name, **extra):
    """Finds or creates /v3/<kind>s with this name."""
    found = call('GET', '%s/%ss?name=%s' % (KEYSTONE, kind, name))[kind + 's']
    if found:
        return found[0]
    return call('POST', '%s/%ss' % (KEYSTONE, kind), {kind: dict(extra, name=name)})[kind]


def identity():
    login()
    roles = {r: named('role', r)['id'] for r in ('admin', 'member', 'reader', 'service')}
    service = named('project', 'service', domain_id='default')['id']
    doctor = named('project', 'doctor', domain_id='default')['id']

    def grant(project, user, *names):
        for name in names:
            call('PUT', '%s/projects/%s/users/%s/roles/%s' % (KEYSTONE, project, user, roles[name]))

    for name in SERVICE_USERS:
        user = named('user', name, domain_id='default', password=PASSWORD)['id']
        grant(service, user, 'admin', 'service')
    user = named('user', 'doctor', domain_id='default', password=PASSWORD)['id']
    grant(doctor, user, 'member')

    # On an existing state the ports may be others than the catalog has.
    have = {s['type']: s['id'] for s in call('GET', KEYSTONE + '/services')['services']}
    endpoints = {(e['service_id'], e['interface']): e
                 for e in call('GET', KEYSTONE + '/endpoints')['endpoints']}
    for kind, (name, where) in dict(CATALOG, identity=('keystone', KEYSTONE)).items():
        if kind not in have:
            have[kind] = call('POST', KEYSTONE + '/services', {
                'service': {'name': name, 'type': kind}})['service']['id']
        for interface in ('public', 'internal', 'admin'):
            e = endpoints.get((have[kind], interface))
            if not e:
                call('POST', KEYSTONE + '/endpoints', {'endpoint': {
                    'service_id': have[kind], 'interface': interface, 'url': where,
                    'region_id': 'RegionOne'}})
            elif e['url'] != where:
                call('PATCH', KEYSTONE + '/endpoints/' + e['id'], {'endpoint': {'url': where}})


def resources(computes):
    admin = login()
    nova, glance = CATALOG['compute'][1], CATALOG['image'][1]

    images = call('GET', glance + '/v2/images?name=fenix-test')['images']
    if images:
        image = images[0]['id']
    else:
        image = call('POST', glance + '/v2/images', {
            'name': 'fenix-test', 'disk_format': 'raw', 'container_format': 'bare',
            'visibility': 'public'})['id']
        r = http.put('%s/v2/images/%s/file' % (glance, image), data=b'\0' * 1024,
                     headers={'Content-Type': 'application/octet-stream'}, timeout=PATIENCE)
        r.raise_for_status()

    flavors = {f['name']: f['id'] for f in call('GET', nova + '/flavors')['flavors']}
    for name, vcpus, ram in (('fenix-1', 1, 256), ('fenix-2', 2, 512)):
        if name not in flavors:
            flavors[name] = call('POST', nova + '/flavors', {'flavor': {
                'name': name, 'vcpus': vcpus, 'ram': ram, 'disk': 1}})['flavor']['id']

    project = named('project', 'doctor', domain_id='default')['id']
    for tenant in (project, admin['project']['id']):
        call('PUT', '%s/os-quota-sets/%s' % (nova, tenant), {'quota_set': {
            'instances': 1000, 'cores': 1000, 'ram': 10000000,
            'server_groups': 100, 'server_group_members': 100}})

    # A compute is listed here once it reports and the scheduler has mapped it.
    hosts = {'compute-%d' % n for n in range(1, computes + 1)}
    deadline = time.time() + PATIENCE
    while True:
        found = call('GET', nova + '/os-hypervisors')['hypervisors']
        missing = hosts - {h['hypervisor_hostname'] for h in found if h['state'] == 'up'}
        if not missing:
            break
        if time.time() > deadline:
            raise SystemExit('computes do not come up: %s' % sorted(missing))
        time.sleep(1)

    def account(user, project_name, project_id):
        return {'auth_url': KEYSTONE, 'username': user, 'password': PASSWORD,
                'project_name': project_name, 'project_id': project_id,
                'user_domain_id': 'default', 'project_domain_id': 'default',
                'region_name': 'RegionOne'}

    provider = open(STATE + '/etc/tokens').read().strip()
    service = named('project', 'service', domain_id='default')['id']
    env = {
        'auth_url': KEYSTONE,
        'region_name': 'RegionOne',
        'endpoints': dict({k: v[1] for k, v in CATALOG.items()},
                          identity=KEYSTONE, maintenance=MAINTENANCE),
        'admin': account('admin', 'admin', admin['project']['id']),
        'doctor': account('doctor', 'doctor', project),
        'service': account('fenix', 'service', service),
        'transport_url': 'rabbit://openstack:%s@%s/' % (PASSWORD, address('RABBIT')),
        'database_url_pattern': 'mysql://openstack:%s@%s/' % (PASSWORD, address('MYSQL')),
        'token_provider': provider,
        'jws_public_key': STATE + '/jws-public.pem' if provider == 'jws' else None,
        'computes': sorted(hosts),
        'slots_per_compute': int(E.get('FENIX_OPENSTACK_VCPUS', '2')),
        'image_id': image,
        'flavor_id': flavors['fenix-1'],
        'flavor_2_id': flavors['fenix-2'],
        'faults_dir': STATE + '/faults',
        'state_dir': STATE,
    }
    with open(STATE + '/env.json.new', 'w') as f:
        json.dump(env, f, indent=2)
        f.write('\n')
    os.rename(STATE + '/env.json.new', STATE + '/env.json')


if __name__ == '__main__':
    if sys.argv[1] == 'identity':
        identity()
    else:
        resources(int(sys.argv[2]))
