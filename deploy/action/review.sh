#!/usr/bin/env bash
# Judges the change, or the tree where there is no base: annotations on stdout, and a SARIF file. Fails as fluxbot does.
set -euo pipefail

path="$FLUXBOT_ACTION_PATH"
sarif="$RUNNER_TEMP/fluxbot.sarif"
given=()
if [ -n "$FLUXBOT_ACTION_FAIL_ON" ]; then given+=(--fail-on "$FLUXBOT_ACTION_FAIL_ON"); fi
if [ "$FLUXBOT_ACTION_FETCH" = true ]; then given+=(--fetch); fi

if [ -n "$FLUXBOT_ACTION_BASE" ]; then
  # A checkout has one commit unless it was told otherwise; to find the merge base, all of them are needed.
  if [ "$(git -C "$path" rev-parse --is-shallow-repository)" = true ]; then
    git -C "$path" fetch --quiet --no-tags --unshallow origin
  fi
  if ! git -C "$path" cat-file -e "$FLUXBOT_ACTION_BASE^{commit}" 2>/dev/null; then
    git -C "$path" fetch --quiet --no-tags origin "$FLUXBOT_ACTION_BASE"
    FLUXBOT_ACTION_BASE="$(git -C "$path" rev-parse FETCH_HEAD)"
  fi
  command=(fluxbot review "$path" --base "$FLUXBOT_ACTION_BASE" --head HEAD)
else
  command=(fluxbot audit "$path" --rev HEAD)
fi

# 1 means findings; anything above, that nothing could be judged. The second run finds the builds of the first.
status=0
"${command[@]}" "${given[@]}" --format sarif >"$sarif" || status=$?
if [ "$status" -gt 1 ]; then exit "$status"; fi
"${command[@]}" "${given[@]}" --format github || status=$?

conclusion=success
if [ "$status" -ne 0 ]; then conclusion=failure; fi
{
  echo "sarif=$sarif"
  echo "conclusion=$conclusion"
} >>"$GITHUB_OUTPUT"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  "${command[@]}" "${given[@]}" --format markdown >>"$GITHUB_STEP_SUMMARY" || true
fi
exit "$status"
