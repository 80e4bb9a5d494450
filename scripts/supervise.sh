#!/bin/sh
# Runs the server and starts it again when it ends without having been asked to: `supervise.sh PROGRAM [ARGUMENT…]`.
# Calls go on meanwhile in the media processes, and the next server takes them up. A shell and not a program of ours, because it
# waits for as long as the server runs, and a shell does so in one megabyte.

# A server that ran so long has its former crashes forgiven.
stable_seconds=${SUPERVISE_STABLE_SECONDS:-60}
# After so many crashes in a row, none of them after a stable run, it is left alone.
crashes_max=${SUPERVISE_CRASHES_MAX:-10}
pause_seconds_max=30
# The server ends so after an error that nobody expected; see cli/lifecycle.ts.
crash_code=70
# It was asked to make room for a new process, which takes up its calls.
hand_over_code=71
# A spare ends so that could not load the program; see cli/spare.ts.
spare_failed_code=72

crashes=0
pause_seconds=0
child=
asked=
# A process that has loaded the program already and waits, on its descriptor 3, to serve in place of one that dies.
spare=
wants_spare=
was_spare=

# Ctrl-C reaches the server as well, which takes two signals so close together for one.
pass_on() {
  asked=$1
  [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null
}
trap 'pass_on INT' INT
trap 'pass_on TERM' TERM
trap 'pass_on HUP' HUP
# The server asks for a spare once it has calls to lose.
trap 'wants_spare=1' USR1

# Waits for the server, over signals that interrupt the waiting; sets `status`.
await_end() {
  wait "$child"
  status=$?
  while kill -0 "$child" 2>/dev/null; do
    if [ -n "$wants_spare" ] && [ -z "$spare$asked" ]; then start_spare "$@"; fi
    wants_spare=
    wait "$child"
    status=$?
  done
}

# Sets `spare` where a pipe can be made. Only this shell can write to it, so that a spare notices when the shell has ended.
start_spare() {
  folder=$(mktemp -d 2>/dev/null) || return 0
  if mkfifo -m 600 "$folder/turn"; then
    exec 3<>"$folder/turn" 4<"$folder/turn"
    SUPERVISED_AGAIN=1 SUPERVISED_SPARE=1 "$@" <&0 3<&4 4<&- &
    spare=$!
    exec 4<&-
  fi
  rm -rf "$folder"
}

# Lets the spare serve as `child`.
use_spare() {
  child=$spare
  spare=
  was_spare=1
  echo go >&3
}

# Whether a spare that was to serve had ended before: what killed the server may have killed it too.
has_spare_failed() {
  [ "$status" -eq "$spare_failed_code" ] || { [ -n "$was_spare" ] && is_crash "$status" && [ $(($(date +%s) - began)) -le 1 ]; }
}

# It may be of an older version, or of no use any more.
drop_spare() {
  [ -n "$spare" ] || return 0
  kill "$spare" 2>/dev/null
  wait "$spare"
  spare=
  exec 3>&-
}

# Ends the supervisor as the server has ended.
leave() {
  drop_spare
  exit "$status"
}

# Whether that exit status is one of a crash: a signal that nobody sends in order to stop a server, or its own code for it.
is_crash() {
  case $1 in
    129 | 130 | 143) return 1 ;;
  esac
  [ "$1" -gt 128 ] || [ "$1" -eq "$crash_code" ]
}

SUPERVISED=crosspoint
SUPERVISOR=$$
export SUPERVISED SUPERVISOR
while :; do
  began=$(date +%s)
  if [ -n "$spare" ]; then
    use_spare
  else
    was_spare=
    "$@" <&0 3>&- &
    child=$!
  fi
  await_end "$@"
  child=
  # The next one is not the first: it waits for a database that is away.
  SUPERVISED_AGAIN=1
  export SUPERVISED_AGAIN
  if [ -z "$asked" ] && [ "$status" -eq "$hand_over_code" ]; then
    # What is handed over to may be a newer version than the spare has loaded.
    drop_spare
    continue
  fi
  if [ -z "$asked" ] && has_spare_failed; then continue; fi
  if [ -n "$asked" ] || ! is_crash "$status"; then leave; fi
  if [ $(($(date +%s) - began)) -ge "$stable_seconds" ]; then
    crashes=0
    pause_seconds=0
  fi
  crashes=$((crashes + 1))
  if [ "$crashes" -ge "$crashes_max" ]; then
    echo "Crosspoint has ended $crashes times in a row (the last time with status $status) and is not started again." >&2
    echo "Calls that are up can be talked to their end. Look at the messages above, run: npx crosspoint doctor" >&2
    leave
  fi
  if [ "$status" -gt 128 ]; then why="was killed by signal $((status - 128))"; else why="met an error that nobody expected"; fi
  echo "Crosspoint $why. Calls go on; it is started again$([ "$pause_seconds" -gt 0 ] && echo " in $pause_seconds s")." >&2
  if [ "$pause_seconds" -gt 0 ]; then
    sleep "$pause_seconds" 3>&- &
    child=$!
    wait "$child"
    child=
    [ -z "$asked" ] || leave
  fi
  pause_seconds=$((pause_seconds * 2 + 1))
  [ "$pause_seconds" -le "$pause_seconds_max" ] || pause_seconds=$pause_seconds_max
done
