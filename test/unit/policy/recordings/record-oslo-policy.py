"""Records what oslo.policy says of many rules: python3 record-oslo-policy.py > oslo-policy.json

Only rules that our parser takes too: oslo.policy refuses quietly what it cannot read.
"""
import json
import random
from importlib.metadata import version

from oslo_config import cfg
from oslo_policy import policy

random.seed(7)
CHECKS = [
    'role:admin', 'role:MEMBER', 'role:reader', 'rule:base', '@', '!',
    'project_id:%(project_id)s', 'user_id:%(user_id)s', 'project_id:p1', 'user_id:u-%(user_id)s',
    'system_scope:all', 'system_scope:None', 'is_admin:True', 'is_admin_project:False',
    "'p1':%(project_id)s", '"u1":%(user_id)s', 'True:%(project_id)s', '7:%(user_id)s',
    'role:%(project_id)s', 'user_id:100%%',
]


def rule(depth):
    kind = random.choice(['check', 'not', 'and', 'or', 'flat']) if depth else 'check'
    if kind == 'check':
        return random.choice(CHECKS)
    if kind == 'not':
        return 'not ' + random.choice([random.choice(CHECKS), '(' + rule(depth - 1) + ')'])
    if kind == 'flat':
        words = [random.choice(['', 'not ']) + random.choice(CHECKS) for _ in range(4)]
        return ' '.join(w for pair in zip(words, [random.choice(['and', 'or', 'AND', 'Or']) for _ in words]) for w in pair).rsplit(' ', 1)[0]
    parts = [random.choice([random.choice(CHECKS), '(' + rule(depth - 1) + ')']) for _ in range(random.randint(2, 3))]
    return (' %s ' % kind).join(parts)


def token():
    return {
        'roles': random.sample(['admin', 'Member', 'reader', 'p1'], random.randint(0, 3)),
        'project_id': random.choice(['p1', 'p2']),
        'user_id': random.choice(['u1', 'u-u1', '100%', '7']),
        'system_scope': random.choice(['all', None]),
        'is_admin': random.choice([True, False]),
        'is_admin_project': random.choice([True, False]),
    }


def target():
    whole = {'project_id': random.choice(['p1', 'p2', 'True']), 'user_id': random.choice(['u1', '7'])}
    return {k: v for k, v in whole.items() if random.random() < 0.8}


cases = []
for _ in range(200):
    text, credentials, thing = rule(3), token(), target()
    conf = cfg.ConfigOpts()
    conf([])
    enforcer = policy.Enforcer(conf, use_conf=False, rules=policy.Rules.from_dict(
        {'asked': text, 'base': 'is_admin:True or role:admin'}))
    cases.append([text, credentials, thing, bool(enforcer.enforce('asked', thing, credentials))])
print(json.dumps({'oslo.policy': version('oslo.policy'), 'cases': cases}, separators=(',', ':')))
