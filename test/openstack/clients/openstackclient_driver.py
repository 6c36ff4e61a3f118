#!/usr/bin/python3
"""Runs commands of openstackclient, each in a process of its own, without loading its programs anew for each."""
import json
import os
import sys
import tempfile

from openstackclient import shell

# Loaded here once and not in each process.
import aodhclient.osc  # noqa: F401
import openstack.connection  # noqa: F401
import openstackclient.compute.client  # noqa: F401
import openstackclient.identity.client  # noqa: F401
import openstackclient.image.client  # noqa: F401

from recorder import read_input


def run(line):
    """As `openstack` with these words, in a copy of this process: the client keeps versions in global variables."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.exit(shell.main(line))
        _, ended = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {'status': os.waitstatus_to_exitcode(ended), 'stdout': out.read().decode(),
                'stderr': err.read().decode()}


given = read_input()
os.environ.update(given['environment'])
json.dump([run(line) for line in given['commands']], sys.stdout)
