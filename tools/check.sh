#!/bin/sh
# check.sh BUILD - run every test program and close with one line "N passed, N failed"
#
# Each program ends its output with such a line of its own; one that does not (it
# crashed) counts as one failure.
set -u
CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-120} # for slow and busy machines
export CK_DEFAULT_TIMEOUT
build=$1
out=$build/check.log
passed=0
failed=0

run() {
    echo "-- $*"
    "$@" >"$out" 2>&1
    code=$?
    line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
    grep -avE '^[0-9]+ passed, [0-9]+ failed$' "$out"
    [ -n "$line" ] || line=$(sed -nE \
        's/^cli: ([0-9]+) of ([0-9]+) cases passed$/\1 \2/p' "$out" | tail -n 1 |
        awk '{ print $1 " passed, " $2 - $1 " failed" }')
    if [ -z "$line" ]; then
        echo "$1 ended with status $code and no result"
        failed=$((failed + 1))
        return
    fi
    p=${line%% *}
    f=${line#*, }
    f=${f%% *}
    if [ "$code" -ne 0 ] && [ "$f" -eq 0 ]; then
        echo "$1 ended with status $code"
        f=1
    fi
    passed=$((passed + p))
    failed=$((failed + f))
}

run "$build/test-unit"
run "$build/test-api"
run "$build/test-writepit"
run sh tests/truth.sh "$build"
run sh tests/examples.sh "$build"
run sh tests/interop.sh "$build"
run sh tests/side.sh "$build"
run "$build/readmodel" 1 10000 "$build/readmodel.h5"
run "$build/roundtrip" 1 2500
run sh tests/editmodel/check.sh "$build"
run "$build/crash" 1 40 "$build/crash.h5"
run sh tests/mutate/check.sh "$build"
run sh tests/mutate/tools.sh "$build"
run sh fuzz/replay.sh "$build"
[ ! -f "${CORPUS:-../shared/corpus}/dev.txt" ] ||
    run sh tools/corpus.sh "$build" "${CORPUS:-../shared/corpus}" -t
for t in tests/cli/*.sh; do
    [ -f "$t" ] && run env HI5="$build/hi5" sh "$t"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
