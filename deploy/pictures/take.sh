#!/usr/bin/env bash
# Takes the README's pictures of a running demo. Needs chromium (Debian's package) and about two minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
port=8797
command -v chromium >/dev/null || { echo "chromium is not here: apt-get install chromium"; exit 1; }
.venv/bin/handoff demo --serve --port "$port" &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" || true' EXIT
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/"; do
  kill -0 "$demo" || exit 1
  sleep 1
done
chat='conversation=intercom/acme/215470000000201&theme=light'
shoot() { # name width height query
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$(mktemp -d)" --hide-scrollbars \
    --virtual-time-budget=6000 --window-size="$2,$3" --screenshot="deploy/pictures/$1.png" \
    "http://127.0.0.1:$port/?$4" 2>/dev/null
}
shoot chat 470 820 "pane=chat&$chat"
shoot ticket 620 820 "pane=ticket&$chat"
shoot page 1500 950 "$chat"
