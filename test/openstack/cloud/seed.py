#!/usr/bin/python3
"""Brings the cloud into the initial state of the Doctor maintenance scenario.

Deletes the servers and server groups of project doctor, enables all computes,
then boots 2 doctor_ha_app_* in an anti-affinity server group and as many
doctor_nonha_app_* as it takes to fill every slot of every compute.
With --empty N, the last N slots stay free.
"""
import argparse
import collections
import json
import os
import sys
import time

import requests

STATE = os.environ.get('FENIX_OPENSTACK_DIR', '/tmp/fenix-openstack')
ENV = json.load(open(STATE + '/env.json'))
NOVA = ENV['endpoints']['compute']


def session(who):
    account = ENV[who]
    http = requests.Session()
    http.trust_env = False
    r = http.post(ENV['auth_url'] + '/auth/tokens', timeout=300, json={'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': account['username'], 'password': account['password'],
            'domain': {'id': account['user_domain_id']}}}},
        'scope': {'project': {'id': account['project_id']}}}})
    r.raise_for_status()
    http.headers['X-Auth-Token'] = r.headers['X-Subject-Token']
    http.headers['OpenStack-API-Version'] = 'compute 2.87, placement 1.36'
    return http


def nova(http, method, path, body=None, base=NOVA):
    r = http.request(method, base + path, json=body, timeout=300)
    if r.status_code >= 400:
        sys.exit('seed: %s %s: %s %s' % (method, path, r.status_code, r.text))
    return r.json() if r.content else None


def wait(what, done, seconds=300):
    end = time.time() + seconds
    while not done():
        if time.time() > end:
            sys.exit('seed: timed out: ' + what)
        time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--empty', type=int, default=0, metavar='N')
    args = parser.parse_args()
    start = time.time()
    if len(ENV['computes']) < 2:
        sys.exit('seed: the anti-affinity group needs 2 computes')
    admin, doctor = session('admin'), session('doctor')

    for s in nova(doctor, 'GET', '/servers')['servers']:
        nova(doctor, 'DELETE', '/servers/' + s['id'])
    for g in nova(doctor, 'GET', '/os-server-groups')['server_groups']:
        nova(doctor, 'DELETE', '/os-server-groups/' + g['id'])
    for s in nova(admin, 'GET', '/os-services?binary=nova-compute')['services']:
        if s['forced_down']:
            nova(admin, 'PUT', '/os-services/' + s['id'], {'forced_down': False})
        if s['status'] != 'enabled':
            nova(admin, 'PUT', '/os-services/' + s['id'], {'status': 'enabled'})
    wait('deletion of old servers',
         lambda: not nova(doctor, 'GET', '/servers')['servers'])

    # In placement the allocations of a deleted server go a moment later than in the
    # API, and the mark of a disabled compute may have to wait for the compute.
    def placement(path):
        return nova(admin, 'GET', path, base=ENV['endpoints']['placement'])

    usages = '/usages?project_id=' + ENV['doctor']['project_id']
    wait('release of allocations', lambda: not any(placement(usages)['usages'].values()))
    disabled = '/resource_providers?required=COMPUTE_STATUS_DISABLED'
    wait('enabling in placement', lambda: not placement(disabled)['resource_providers'])
    # A compute that was forced down is up once its service has reported again.
    wait('computes', lambda: all(
        h['state'] == 'up' for h in nova(admin, 'GET', '/os-hypervisors')['hypervisors']))

    group = nova(doctor, 'POST', '/os-server-groups', {'server_group': {
        'name': 'doctor_ha_app_group', 'policy': 'anti-affinity'}})['server_group']['id']

    def boot(name, hints=None):
        body = {'server': {'name': name, 'imageRef': ENV['image_id'],
                           'flavorRef': ENV['flavor_id'], 'networks': 'none'}}
        if hints:
            body['os:scheduler_hints'] = hints
        return nova(doctor, 'POST', '/servers', body)['server']['id']

    def all_built():
        servers = nova(doctor, 'GET', '/servers/detail')['servers']
        bad = [s for s in servers if s['status'] == 'ERROR']
        if bad:
            sys.exit('seed: %s: %s' % (bad[0]['name'], bad[0].get('fault')))
        return all(s['status'] == 'ACTIVE' for s in servers)

    for n in range(2):
        boot('doctor_ha_app_%d' % n, {'group': group})
        wait('boot of doctor_ha_app_%d' % n, all_built)
    slots = len(ENV['computes']) * ENV['slots_per_compute'] - args.empty
    for n in range(slots - 2):
        boot('doctor_nonha_app_%d' % n)
    wait('boot of doctor_nonha_app_*', all_built)

    hosts = collections.defaultdict(list)
    print('%-36s  %-22s %-8s %s' % ('id', 'name', 'status', 'host'))
    servers = nova(admin, 'GET', '/servers/detail?all_tenants=1')['servers']
    for s in sorted(servers, key=lambda s: s['name']):
        host = s['OS-EXT-SRV-ATTR:host']
        hosts[host].append(s['name'])
        print('%-36s  %-22s %-8s %s' % (s['id'], s['name'], s['status'], host))
    print()
    for host in ENV['computes']:
        print('%-12s %s' % (host, ' '.join(sorted(hosts[host])) or '-'))
    print('seed: %d servers in %.0f s' % (len(servers), time.time() - start))
    if any(len(names) > ENV['slots_per_compute'] for names in hosts.values()):
        sys.exit('seed: a compute holds more servers than it has slots')


if __name__ == '__main__':
    try:
        main()
    except requests.ConnectionError as e:
        sys.exit('seed: the cloud of %s does not answer: %s' % (STATE, e))
