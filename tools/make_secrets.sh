#!/bin/sh
# Draws the password of the Neo4j in docker-compose.yml into secrets/, unless there is one already.
# The folder is closed to other users; the files in it are not, because containers read them as users of their own.
set -eu
cd "$(dirname "$0")/.."
if [ -e secrets/neo4j_password ]; then
    echo "secrets/ is there already; remove it, and the volume neo4j-data, to draw another password."
    exit 0
fi
mkdir -p secrets
chmod 0700 secrets
password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
printf 'neo4j/%s' "$password" >secrets/neo4j_auth
printf '%s' "$password" >secrets/neo4j_password
chmod 0644 secrets/neo4j_auth secrets/neo4j_password
echo "The password is drawn into secrets/; docker compose up --build may begin."
