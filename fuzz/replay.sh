#!/bin/sh
# replay.sh BUILD [MUTANTS] - the fuzz targets without a fuzzer: seeds, what was found, and
# MUTANTS random variations of each
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
mutants=${2:-20}
passed=0
failed=0

rm -rf "$build/fuzz/seed"
"$build/fuzz/seeds" "$build/fuzz/seed" fixtures/good/*.h5 || exit 1
for target in open check codec filter select edit; do
    set -- "$build/fuzz/seed/$target"/*
    for f in fuzz/found/"$target"/*; do
        [ -f "$f" ] && set -- "$@" "$f"
    done
    line=$("$build/fuzz/replay-$target" -m "$mutants" "$@" 2>"$build/fuzz/$target.err" |
        tail -n 1)
    if [ -n "$line" ]; then
        passed=$((passed + ${line%% *}))
        line=${line#*, }
        failed=$((failed + ${line%% *}))
    else
        failed=$((failed + 1))
        echo "replay-$target:"
        tail -n 20 "$build/fuzz/$target.err"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
