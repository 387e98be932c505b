# The same steps run without Docker in scripts/docker-steps.sh, which CI tries on every change.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY prisma prisma
COPY scripts scripts
RUN npm ci --ignore-scripts && node scripts/db-generate.ts

FROM node:24-slim
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 HTTP_HOST=0.0.0.0 HTTP_PORT=8080
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# `npm ci --omit=dev` would keep Prisma's command line, an optional peer of its client. Versions come from the lockfile.
RUN npm pkg delete devDependencies && npm install --ignore-scripts && npm cache clean --force
COPY src src
COPY prisma/migrations prisma/migrations
COPY --from=build /app/src/generated src/generated
RUN mkdir data && chown node:node data
USER node
VOLUME /app/data
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=2", "--max-old-space-size=256", "src/main.ts", "start"]
