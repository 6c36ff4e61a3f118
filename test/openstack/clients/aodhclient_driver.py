#!/usr/bin/python3
"""What applications do with their alarms, by aodhclient's library."""
from aodhclient import client

from recorder import Recorder, read_input, session_of

cloud = read_input()
doctor = client.Client('2', session_of(cloud['doctor']), region_name=cloud['doctor']['region_name'])
admin = client.Client('2', session_of(cloud['admin']), region_name=cloud['admin']['region_name'])
project = cloud['doctor']['project_id']
record = Recorder()
step = record.step

wanted = {
    'name': 'app-maintenance', 'type': 'event', 'severity': 'low', 'repeat_actions': True,
    'event_rule': {'event_type': 'maintenance.scheduled', 'query': []},
    'alarm_actions': ['http://127.0.0.1:9/maintenance'],
}
ids = []


def create(name, fields, who=doctor):
    made = step(name, lambda: who.alarm.create(dict(fields)))
    if made and who is doctor:
        ids.append(made['alarm_id'])
    return made


create('create', wanted)
create('create with a query', {
    'name': 'app-host', 'type': 'event', 'description': 'a host\'s end',
    'enabled': False, 'ok_actions': ['http://127.0.0.1:9/ok'],
    'insufficient_data_actions': ['http://127.0.0.1:9/unknown'],
    'event_rule': {'event_type': 'maintenance.host', 'query': [
        {'field': 'traits.state', 'op': 'eq', 'type': 'string', 'value': 'MAINTENANCE_COMPLETE'},
        {'field': 'traits.service', 'op': 'ne', 'type': '', 'value': 'fenix'}]},
    'alarm_actions': ['http://127.0.0.1:9/host', 'http://127.0.0.1:9/again'],
})
create('create with as little as possible', {'name': 'least', 'type': 'event', 'event_rule': {}})
theirs = create('create as another project', dict(wanted, name='of admin'), admin)

step('show', lambda: doctor.alarm.get(ids[0]))
step('show as admin', lambda: admin.alarm.get(ids[0]))


def names(alarms):
    return sorted(one['name'] for one in alarms)


# The real cloud may have alarms of others: only ours are counted.
ours = ids + [theirs['alarm_id']]


def listed(who, **options):
    return names(one for one in who.alarm.list(**options) if one['alarm_id'] in ours)


def queried(who, query):
    return names(one for one in who.alarm.query(query) if one['alarm_id'] in ours)


step('list', lambda: listed(doctor))
step('list of an admin', lambda: listed(admin))
step('list all projects as admin', lambda: listed(admin, filters={'all_projects': 'true'}))
step('list all projects as a member', lambda: listed(doctor, filters={'all_projects': 'true'}))
step('list by name', lambda: listed(doctor, filters={'name': 'least'}))
step('list by state and severity', lambda: listed(
    doctor, filters={'state': 'insufficient data', 'severity': 'low'}))
step('list by enabled', lambda: listed(doctor, filters={'enabled': 'false'}))
step('list by a field that is none', lambda: listed(doctor, filters={'colour': 'red'}))
step('list by project as admin', lambda: listed(admin, filters={'project_id': project}))
step('list sorted', lambda: [one['name'] for one in doctor.alarm.list(sorts=['name:desc'])
                             if one['alarm_id'] in ours])
step('list a page', lambda: len(doctor.alarm.list(limit=2)))
first = doctor.alarm.list(limit=1, sorts=['name:asc'])
step('list the next page', lambda: [one['name'] for one in doctor.alarm.list(
    limit=1, sorts=['name:asc'], marker=first[0]['alarm_id'])])

step('query', lambda: queried(doctor, '{"=": {"name": "app-maintenance"}}'))
step('query with and, or, not', lambda: queried(
    doctor, '{"and": [{"=": {"type": "event"}}, {"or": [{"=": {"name": "least"}}, '
            '{"=": {"severity": "critical"}}]}, {"not": {"=": {"enabled": false}}}]}'))
step('query in', lambda: queried(doctor, '{"in": {"name": ["least", "app-host"]}}'))
step('query like', lambda: queried(doctor, '{"like": {"name": "app-%"}}'))
step('query other projects as admin', lambda: queried(admin, '{"=": {"project_id": "%s"}}' % project))
step('query a field that is none', lambda: queried(doctor, '{"=": {"colour": "red"}}'))
step('query nonsense', lambda: queried(doctor, '{"=": '))

step('update', lambda: doctor.alarm.update(ids[0], {
    'severity': 'critical', 'repeat_actions': False, 'description': 'changed'}))
step('update the rule', lambda: doctor.alarm.update(ids[0], {
    'event_rule': {'event_type': 'maintenance.*'}}))
step('update as admin', lambda: admin.alarm.update(ids[0], {'enabled': False}))
step('show after the update', lambda: doctor.alarm.get(ids[0]))

step('get state', lambda: doctor.alarm.get_state(ids[0]))
step('set state', lambda: doctor.alarm.set_state(ids[0], 'ok'))
step('get state after', lambda: doctor.alarm.get_state(ids[0]))
step('show after the state', lambda: doctor.alarm.get(ids[0]))
step('set a state that is none', lambda: doctor.alarm.set_state(ids[0], 'fine'))

step('create without a name', lambda: doctor.alarm.create({'type': 'event', 'event_rule': {}}))
step('create with a wrong severity', lambda: doctor.alarm.create(dict(wanted, severity='dreadful')))
step('create with a wrong action', lambda: doctor.alarm.create(dict(wanted, alarm_actions=['nowhere://x'])))
step('show of another project', lambda: doctor.alarm.get(theirs['alarm_id']))
step('delete of another project', lambda: doctor.alarm.delete(theirs['alarm_id']))
step('show an unknown one', lambda: doctor.alarm.get('00000000-0000-4000-8000-000000000000'))

step('delete', lambda: [doctor.alarm.delete(one) for one in ids])
step('delete as admin', lambda: admin.alarm.delete(theirs['alarm_id']))
step('delete once more', lambda: doctor.alarm.delete(ids[0]))
step('show after the deletion', lambda: doctor.alarm.get(ids[0]))
step('list after the deletion', lambda: listed(doctor))
record.print()
