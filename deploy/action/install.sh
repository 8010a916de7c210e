#!/usr/bin/env bash
# Puts fluxbot into a folder of the job, from the wheels of the lock and this checkout of the action. Where the runner
# has the command already, that one is taken.
set -euo pipefail

if command -v fluxbot >/dev/null; then
  echo "fluxbot is there: $(fluxbot --version)"
  exit 0
fi

python=""
for name in python3 python3.13 python3.12 python3.11; do
  if "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$name"
    break
  fi
done
if [ -z "$python" ]; then
  echo "::error title=fluxbot::The runner has no Python of version 3.11 or newer; install one before this step."
  exit 1
fi

home="$RUNNER_TEMP/fluxbot"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
"$python" -m venv "$home"
"$home/bin/python" -m pip install --quiet --require-hashes --only-binary=:all: \
  --requirement "$GITHUB_ACTION_PATH/deploy/action/command.lock"
# The page of a review needs npm to be built, and a job prints no page.
FLUXBOT_WITHOUT_PAGE=1 "$home/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$GITHUB_ACTION_PATH"
echo "$home/bin" >>"$GITHUB_PATH"
echo "$("$home/bin/fluxbot" --version) is installed"
