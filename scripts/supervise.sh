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
# A process that has loaded the program already and waits, on its descriptor 3, to serve in place of one that dies; descriptor 3 of
# this shell is the other end.
spare=
# The one after it, by descriptor 5: who dies twice in a row does so before the next one is loaded.
second_spare=
wants_spare=
was_spare=
# The server that has asked for a spare before.
asked_by=
# The server beside which a spare could not be loaded: another try would come to the same.
spareless=
wants_new_spare=
# The server that hands over as soon as `spare` has loaded what is on the disk now, and whether it has.
renewed_for=
is_renewed=
# Set while a spare is started that is to say when it has loaded everything.
awaited=

# Ctrl-C reaches the server as well, which takes two signals so close together for one.
pass_on() {
  asked=$1
  [ -z "$child" ] || kill -s "$1" "$child" 2>/dev/null
}
trap 'pass_on INT' INT
trap 'pass_on TERM' TERM
trap 'pass_on HUP' HUP
# The server asks for spares as long as it has calls to lose, again and again: a signal between two commands may go unseen.
trap 'wants_spare=1' USR1
# It is to hand over, which it does to a spare that has loaded what is there now. It asks until it hears of it.
trap 'wants_new_spare=1' USR2
# That spare has loaded everything.
trap 'is_renewed=1 wants_new_spare=1' ALRM

# Waits for the server, over signals that interrupt the waiting; sets `status`.
await_end() {
  wait "$child"
  status=$?
  while kill -0 "$child" 2>/dev/null; do
    [ -z "$wants_new_spare" ] || renew_spare "$@"
    [ -z "$wants_spare" ] || keep_spares "$@"
    wait "$child"
    status=$?
  done
}

# Starts one of the two that there should be.
keep_spares() {
  wants_spare=
  drop_ended
  if [ -n "$asked" ] || [ "$spareless" = "$child" ] || [ "$renewed_for" = "$child" ]; then return 0; fi
  # A server that has just taken up its calls has enough to do: the second one is loaded when it asks again.
  if [ -z "$spare" ] || { [ -z "$second_spare" ] && [ "$asked_by" = "$child" ]; }; then start_spare "$@"; fi
  asked_by=$child
}

# The first time that the server asks, spares are dropped that may be of an older version; later it is told what became of the new one.
renew_spare() {
  wants_new_spare=
  [ -z "$asked" ] || return 0
  if [ "$renewed_for" != "$child" ]; then
    drop_spares
    renewed_for=$child
    is_renewed=
    awaited=1
    start_spare "$@"
    awaited=
    return 0
  fi
  drop_ended
  if [ -z "$spare" ]; then
    renewed_for=
    kill -s ALRM "$child" 2>/dev/null
  elif [ -n "$is_renewed" ]; then
    kill -s USR1 "$child" 2>/dev/null
  fi
}

# Sets `spare`, or the one after it, where a pipe can be made. Only this shell can write to it, so that a spare notices when the shell
# has ended.
start_spare() {
  folder=$(mktemp -d 2>/dev/null) || return 0
  if mkfifo -m 600 "$folder/turn"; then
    exec 5<>"$folder/turn" 4<"$folder/turn"
    SUPERVISED_AGAIN=1 SUPERVISED_SPARE=1 SUPERVISED_AWAITED=$awaited "$@" <&0 3<&4 4<&- 5>&- &
    second_spare=$!
    exec 4<&-
    [ -n "$spare" ] || advance
  fi
  rm -rf "$folder"
}

# The second spare becomes the first one.
advance() {
  spare=$second_spare
  second_spare=
  exec 3>&-
  if [ -n "$spare" ]; then exec 3>&5 5>&-; fi
}

# Lets the spare serve as `child`. Its line is closed with the word: it would wait for the next one when it is to end.
use_spare() {
  child=$spare
  was_spare=1
  echo go >&3
  advance
}

# Whether a spare that was to serve had ended before: what killed the server may have killed it too.
has_spare_failed() {
  [ "$status" -eq "$spare_failed_code" ] || { [ -n "$was_spare" ] && [ "$status" -ne 0 ] && [ $(($(date +%s) - began)) -le 1 ]; }
}

# Forgets spares that have ended by themselves.
drop_ended() {
  if [ -n "$second_spare" ] && has_ended "$second_spare"; then
    second_spare=
    exec 5>&-
  fi
  if [ -n "$spare" ] && has_ended "$spare"; then advance; fi
}

has_ended() {
  if kill -0 "$1" 2>/dev/null; then return 1; fi
  wait "$1" 2>/dev/null
  # Killed ones are replaced.
  [ $? -gt 128 ] || spareless=$child
}

# They may be of an older version, or of no use any more.
drop_spares() {
  while [ -n "$spare" ]; do
    kill "$spare" 2>/dev/null
    # The shell would tell people of that end.
    wait "$spare" 2>/dev/null
    advance
  done
}

# Ends the supervisor as the server has ended.
leave() {
  drop_spares
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
# A file without a name, which everybody here has as descriptor 6: there a spare says why it could not be loaded, and the server
# that has asked for it reads that.
if note=$(mktemp 2>/dev/null); then
  exec 6<>"$note"
  rm -f "$note"
  SUPERVISOR_NOTE=6
  export SUPERVISOR_NOTE
fi
# USR2 asks for a new spare; a supervisor of an older version would be ended by it.
SUPERVISOR_RENEWS=1
export SUPERVISED SUPERVISOR SUPERVISOR_RENEWS
while :; do
  began=$(date +%s)
  if [ -n "$spare" ]; then
    use_spare
  else
    was_spare=
    "$@" <&0 3>&- 5>&- &
    child=$!
  fi
  await_end "$@"
  former=$child
  child=
  # The next one is not the first: it waits for a database that is away.
  SUPERVISED_AGAIN=1
  export SUPERVISED_AGAIN
  if [ -z "$asked" ] && [ "$status" -eq "$hand_over_code" ]; then
    # What is handed over to may be a newer version than a spare has loaded that was not asked for anew.
    [ "$renewed_for" = "$former" ] || drop_spares
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
    sleep "$pause_seconds" 3>&- 5>&- &
    child=$!
    wait "$child"
    child=
    [ -z "$asked" ] || leave
  fi
  pause_seconds=$((pause_seconds * 2 + 1))
  [ "$pause_seconds" -le "$pause_seconds_max" ] || pause_seconds=$pause_seconds_max
done
