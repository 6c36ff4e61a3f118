#!/usr/bin/python3
"""nova-compute with a small fake hypervisor, one process per compute host.

The driver is nova's own in-tree fake driver (nova.virt.fake) with:
- FENIX_OPENSTACK_VCPUS vCPUs (default 2), so that exactly two 1-vCPU instances fit;
- cold and live migrations that take FENIX_OPENSTACK_MIGRATE_SECONDS (1) and
  FENIX_OPENSTACK_LIVE_MIGRATE_SECONDS (2), where the in-tree driver takes no time;
- live migration that also forgets the guest on the source host;
- guests that survive a restart of nova-compute;
- faults on request: an empty file $FENIX_OPENSTACK_FAULTS/migrate-<server id> makes the
  next cold migration of that server fail, live-migrate-<server id> the next
  live migration. The file is removed when the fault has been played.
"""
import os
import sys
import time

from nova.cmd import compute          # first: it monkey-patches for eventlet
from nova.compute import vm_states
from nova import exception
from nova.virt import fake

FAULTS = os.environ.get('FENIX_OPENSTACK_FAULTS', '')
MIGRATE_SECONDS = float(os.environ.get('FENIX_OPENSTACK_MIGRATE_SECONDS', '1'))
LIVE_SECONDS = float(os.environ.get('FENIX_OPENSTACK_LIVE_MIGRATE_SECONDS', '2'))


def fault(what, instance):
    """True once for each fault file put there for this server."""
    try:
        os.unlink(os.path.join(FAULTS, '%s-%s' % (what, instance.uuid)))
        return True
    except OSError:
        return False


class FenixTestDriver(fake.SmallFakeDriver):
    vcpus = int(os.environ.get('FENIX_OPENSTACK_VCPUS', '2'))
    memory_mb = 8192
    local_gb = 100

    def get_info(self, instance, use_cache=True):
        if (instance.uuid not in self.instances and
                instance.host == self._host and
                instance.vm_state in (vm_states.ACTIVE, vm_states.STOPPED)):
            self.instances[instance.uuid] = fake.FakeInstance(
                instance.name, instance.power_state, instance.uuid)
        return super().get_info(instance, use_cache)

    def migrate_disk_and_power_off(self, context, instance, *args, **kwargs):
        time.sleep(MIGRATE_SECONDS)
        if fault('migrate', instance):
            raise exception.NovaException('injected fault')

    def live_migration(self, context, instance, dest, post_method,
                       recover_method, block_migration=False,
                       migrate_data=None):
        self._abort = False
        end = time.monotonic() + LIVE_SECONDS
        while time.monotonic() < end and not self._abort:
            time.sleep(0.1)
        if fault('live-migrate', instance):
            recover_method(context, instance, dest, migrate_data)
        elif self._abort:
            recover_method(context, instance, dest, migrate_data,
                           migration_status='cancelled')
        else:
            post_method(context, instance, dest, block_migration, migrate_data)

    def live_migration_abort(self, instance):
        self._abort = True

    def post_live_migration(self, context, instance, block_device_info,
                            migrate_data=None):
        self.destroy(context, instance, network_info=None)


# nova loads drivers from below nova.virt only: compute_driver = fake.FenixTestDriver
fake.FenixTestDriver = FenixTestDriver

if __name__ == '__main__':
    sys.exit(compute.main())
