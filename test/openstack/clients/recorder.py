"""Records what a client gives back or raises; the test reads it as JSON."""
import json
import sys
import time


class Recorder:
    def __init__(self):
        self.steps = []

    def step(self, name, call):
        """Calls, and notes the result, or the exception: there are calls that have to fail."""
        try:
            value = call()
        except Exception as error:
            status = getattr(error, 'http_status', None) or getattr(error, 'code', None)
            message = getattr(error, 'message', None) or str(error)
            self.steps.append({'step': name, 'raised': type(error).__name__, 'status': status,
                               'message': message})
            return None
        self.note(name, value)
        return value

    def note(self, name, value):
        self.steps.append({'step': name, 'value': plain(value)})

    def print(self):
        json.dump(self.steps, sys.stdout)


def plain(value):
    """Resources of the clients as the dictionaries that they were made of."""
    if hasattr(value, 'to_dict'):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def read_input():
    return json.load(sys.stdin)


def wait_for(what, holds, seconds=120):
    """Polls until `holds` gives something true, and gives that back."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise RuntimeError('waited %d s in vain: %s' % (seconds, what))
        time.sleep(0.05)


def session_of(account):
    from keystoneauth1 import loading, session
    auth = loading.get_plugin_loader('v3password').load_from_options(
        auth_url=account['auth_url'], username=account['username'], password=account['password'],
        project_name=account['project_name'], user_domain_id='default', project_domain_id='default')
    return session.Session(auth=auth)
