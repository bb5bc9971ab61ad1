# Two stages: the first compiles, the second carries only what runs.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
RUN npm ci --ignore-scripts
COPY src ./src
COPY web ./web
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
# An init is process 1: the kernel lets nobody end that one from inside, and the watchdog must be able to end kwota.
RUN apt-get update && apt-get install --yes --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY LICENSE README.md CHANGELOG.md ./
RUN mkdir -p /var/lib/kwota && chown node:node /var/lib/kwota
ENV KWOTA_DATA_DIR=/var/lib/kwota
VOLUME /var/lib/kwota
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["node", "--disable-proto=throw", "--max-semi-space-size=32", "--no-allocation-site-pretenuring", "--no-memory-reducer", "--heap-growing-percent=100", "dist/main.js", "serve"]
