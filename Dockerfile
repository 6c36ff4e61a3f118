# What goes in is locked: the packages by package-lock.json (npm ci), Node.js and Debian by this one version. To pin the base
# images to the byte as well, write `@sha256:...` behind the tags, as printed by
#   docker buildx imagetools inspect node:20.20.2-bookworm
# No digest stands here because the registry was out of reach where this file was written and is tested.
ARG NODE_VERSION=20.20.2

# Build: compiles sqlite3 where there is no binary of it, and the TypeScript to JavaScript.
FROM node:${NODE_VERSION}-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY openapi openapi
COPY db db
COPY src src
RUN npm run build && npm prune --omit=dev

# Run: no compiler, no sources, no development packages, not root.
FROM node:${NODE_VERSION}-bookworm-slim
LABEL org.opencontainers.image.title="fenix-server" \
      org.opencontainers.image.description="Planned maintenance of OpenStack clouds: a drop-in replacement for OpenStack Fenix" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
# Mount plug-ins over /etc/fenix/plugins; a policy file or a configuration file anywhere, and name it in FENIX_POLICY_FILE or
# FENIX_CONFIG. Downloads are below the state: they hold programs, and a tmpfs for /tmp usually lets none run.
ENV NODE_ENV=production \
    FENIX_SERVER_HOST=0.0.0.0 \
    FENIX_DATABASE_URL=sqlite:///var/lib/fenix/fenix.sqlite \
    FENIX_PLUGINS_FOLDER=/etc/fenix/plugins \
    FENIX_DOWNLOADS_FOLDER=/var/lib/fenix/downloads
RUN install -d /etc/fenix/plugins && install -d -m 0750 -o node -g node /var/lib/fenix /var/lib/fenix/downloads
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/openapi openapi
# The user node by its number: Kubernetes' runAsNonRoot cannot look up a name.
USER 1000:1000
VOLUME /var/lib/fenix
EXPOSE 12347
# The server ends in order within server.shutdown_grace_seconds; give it `--stop-timeout 30`, and `--init` where plug-ins
# may leave processes behind.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.FENIX_SERVER_PORT || 12347}/healthcheck`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# `docker run IMAGE policy show` and the other commands, too.
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["serve"]
