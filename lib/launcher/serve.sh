#!/bin/sh
# serve.sh start | dev | web | engine | runner: begins on the machine's Node, which installs what is missing, and goes on, as the
# same process, on the Node that the others serve on. A launcher on a Node of its own has the whole program in memory for itself.
main=$(dirname "$0")/main.mjs
# Ctrl-C reaches both: that Node says how it ends.
trap : INT
node=$(node "$main" prepare "$@")
status=$?
[ -n "$node" ] || exit $status
# It has little to do: one heap for all threads, nothing large in it, and a small nursery.
MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-1}
MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-131072}
export MALLOC_ARENA_MAX MALLOC_MMAP_THRESHOLD_
exec "$node" --max-semi-space-size=1 "$main" "$@"
