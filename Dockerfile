# syntax=docker/dockerfile:1
# One image for every process of Rekindle: `rekindle api`, `rekindle worker`, `rekindle migrate`.
# Debian, because the Temporal SDK's native part is built for glibc.

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.js scripts/build.js
COPY src src
RUN npm run build

FROM node:20.20.2-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
# TLS to Temporal is done by native code, which looks for the system's certificates.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
# Workflow code must see the same zone everywhere; local times are computed from IANA zones.
ENV NODE_ENV=production TZ=UTC
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY data data
COPY cadences cadences
COPY templates templates
# Nothing here is written to at run time: the rows are in Postgres.
USER node
ENTRYPOINT ["/app/bin/rekindle"]
CMD ["api"]
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PRIVATE_PORT ?? 7300}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
