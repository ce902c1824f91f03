# One image for both services, the standalone process and the migration: the argument names the program.
#   docker build -t ecron .
#   docker run --read-only --tmpfs /tmp -e ECRON_DB_ADDR=… ecron management|analysis|standalone|migrate
# BASE must be of the Debian family and bring Node 24 with npm.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
# Where the registry is behind a proxy with a certificate of its own: a file of it, mounted for the build.
ARG NODE_EXTRA_CA_CERTS
WORKDIR /build
COPY package.json package-lock.json ./
COPY tools tools
RUN npm ci --no-audit --no-fund --loglevel=error
COPY tsconfig.json nest-cli.json ./
COPY scripts scripts
COPY apps apps
COPY libs libs
COPY migrations migrations
COPY bench bench
COPY test test
RUN node scripts/build.mjs \
    && npm sbom --omit=dev --sbom-format=cyclonedx > sbom.cdx.json \
    && npm prune --omit=dev --no-audit --no-fund --loglevel=error \
    && rm -rf dist/bench dist/test

FROM ${BASE}
# Commands of jobs may leave processes behind; as PID 1 tini takes them in, and hands signals on.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini=0.19.* \
    && rm -rf /var/lib/apt/lists/*
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ecron" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /opt/ecron
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY scripts/run.mjs scripts/lib.mjs scripts/
COPY package.json LICENSE ./
COPY --from=build /build/sbom.cdx.json ./
# A number, so that `runAsNonRoot` can be judged by it.
USER 10001:10001
ENTRYPOINT ["/usr/bin/tini", "--", "node", "/opt/ecron/scripts/run.mjs"]
CMD ["management"]
