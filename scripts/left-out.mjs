// Says what `npm test` leaves out, for it needs more than Node.js.
process.stdout.write(
  [
    'Left out, because they need more than Node.js (each installs what is missing from Debian’s packages):',
    '  npm run test:packaging   the image’s steps in clean folders, compose.yaml, systemd units',
    '  npm run test:services    PostgreSQL and RabbitMQ',
    '  npm run test:openstack   real Keystone, Nova, Placement, Glance, Aodh, Ceilometer and RabbitMQ',
    '',
  ].join('\n'),
);
