# syntax=docker/dockerfile:1
# Build: compiles sqlite3 against its bundled library and the TypeScript to JavaScript.
FROM node:20-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY openapi openapi
COPY db db
COPY src src
RUN npm run build && npm prune --omit=dev

# Run: no compiler, no sources, not root. State is in /var/lib/fenix.
FROM node:20-bookworm-slim
ENV NODE_ENV=production \
    FENIX_SERVER_HOST=0.0.0.0 \
    FENIX_DATABASE_URL=sqlite:///var/lib/fenix/fenix.sqlite
RUN install -d -o node -g node /var/lib/fenix
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/openapi openapi
USER node
VOLUME /var/lib/fenix
EXPOSE 12347
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:12347/healthcheck').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
