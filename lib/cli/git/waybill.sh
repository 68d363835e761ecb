#!/bin/sh
# Keeps a repository and its project on Waybill the same. Any host of git can call it:
#
#   sh waybill.sh plan     says what a deploy would change, and changes nothing
#   sh waybill.sh deploy   joins what was changed on the server with what is here, deploys, and commits what that wrote;
#                          ends without doing anything when both have changed the same
#   sh waybill.sh pull     brings what was changed on the server into the files, and commits it
#
# It needs git, Node 20.19, 22.12 or newer, and these variables:
#
#   WAYBILL_ENDPOINT   the address of your Waybill, such as https://waybill.example.org
#   WAYBILL_API_KEY    a repository's token (the project's settings), with the scopes read and deploy
#   WAYBILL_SOURCE     where git finds the repository of Waybill itself; WAYBILL_VERSION is a tag or branch of it
#   WAYBILL            instead of WAYBILL_SOURCE: the command, where it is installed already
set -eu

: "${WAYBILL_ENDPOINT:?Give WAYBILL_ENDPOINT, the address of your Waybill.}"
: "${WAYBILL_API_KEY:?Give WAYBILL_API_KEY, a token of the project.}"

if [ -z "${WAYBILL:-}" ]; then
  : "${WAYBILL_SOURCE:?Give WAYBILL_SOURCE, where git finds the repository of Waybill.}"
  place=$(mktemp -d)
  git clone --quiet --depth 1 ${WAYBILL_VERSION:+--branch "$WAYBILL_VERSION"} "$WAYBILL_SOURCE" "$place"
  WAYBILL="node $place/lib/launcher/main.mjs"
fi

# The branch that is pushed to: hosts check out a commit and say which branch it is of.
branch=${GITHUB_REF_NAME:-${CI_COMMIT_BRANCH:-$(git branch --show-current)}}

# Commits what was written, if anything was. [skip ci] keeps the host from calling this again for it.
keep() {
  git add --all
  if git diff --cached --quiet; then return; fi
  git -c user.name=Waybill -c user.email=waybill@localhost commit --quiet --message "$1 [skip ci]"
  git push --quiet origin "HEAD:refs/heads/$branch" || {
    git pull --quiet --rebase origin "refs/heads/$branch"
    git push --quiet origin "HEAD:refs/heads/$branch"
  }
}

case "${1:-}" in
  plan)
    $WAYBILL plan
    ;;
  deploy)
    $WAYBILL merge
    $WAYBILL deploy --no-confirm
    keep "Deployed to $WAYBILL_ENDPOINT"
    ;;
  pull)
    $WAYBILL pull
    keep "Changed on $WAYBILL_ENDPOINT"
    ;;
  *)
    echo "Usage: sh waybill.sh plan | deploy | pull" >&2
    exit 1
    ;;
esac
