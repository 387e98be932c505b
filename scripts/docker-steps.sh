#!/usr/bin/env bash
# The Dockerfile's steps without Docker: both stages in folders of their own, then the image's program is asked something.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build=$work/build app=$work/app
mkdir "$build" "$app"

cp "$root"/{package.json,package-lock.json,.npmrc} "$build"
cp -r "$root"/{prisma,scripts} "$build"
(cd "$build" && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund && node scripts/db-generate.ts)

cp "$root"/{package.json,package-lock.json,.npmrc} "$app"
(cd "$app" && npm pkg delete devDependencies && npm install --ignore-scripts --prefer-offline --no-audit --no-fund)
cp -r "$root/src" "$app"
rm -rf "$app/src/generated"
mkdir -p "$app/prisma"
cp -r "$root/prisma/migrations" "$app/prisma"
cp -r "$build/src/generated" "$app/src"

cd "$app"
mkdir data
export NODE_ENV=production
TELEGRAM_TOKEN=123456789:nobodys-token node src/main.ts check-config
node src/main.ts ask /about | head -n 1
test -s data/assay.db
for unwanted in vitest typescript prisma @foundry-rs/anvil solc; do
  if [ -e "node_modules/$unwanted" ]; then
    echo "docker-steps: $unwanted is in the production image" >&2
    exit 1
  fi
done
echo "docker-steps: the image would hold $(du -sm . | cut -f1) MB besides Node, and answers"
