#!/bin/sh
# afl.sh FOLDER SECONDS TARGET... - let AFL++ run each target in FOLDER for so long
#
# The targets are the drivers of replay.c, compiled by afl-clang-fast: AFL++'s persistent
# mode. What is found stays in FOLDER/afl-TARGET/default/crashes and hangs; the next run
# goes on from there. The last line tells how many targets found nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$1
seconds=$2
shift 2
passed=0
failed=0
AFL_NO_UI=1
AFL_NO_AFFINITY=1
AFL_SKIP_CPUFREQ=1
AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 # core_pattern is a pipe on many machines
AFL_AUTORESUME=1
AFL_FAST_CAL=1
export AFL_NO_UI AFL_NO_AFFINITY AFL_SKIP_CPUFREQ AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES
export AFL_AUTORESUME AFL_FAST_CAL

stat() {
    sed -n "s/^$1 *: //p" "$folder/afl-$target/default/fuzzer_stats" 2>/dev/null
}

rm -rf "$folder/seed"
"$folder/seeds" "$folder/seed" fixtures/good/*.h5 || exit 1
for target; do
    for f in fuzz/found/"$target"/*; do
        [ -f "$f" ] && cp "$f" "$folder/seed/$target/found-${f##*/}"
    done
    echo "-- $target"
    afl-fuzz -i "$folder/seed/$target" -o "$folder/afl-$target" -x fuzz/hdf5.dict \
        -V "$seconds" -m none -t 10000 -- "$folder/replay-$target" \
        >"$folder/afl-$target.log" 2>&1
    code=$?
    echo "$(stat execs_done) runs in $(stat run_time) s, $(stat execs_per_sec) per second," \
        "$(stat corpus_count) inputs, $(stat bitmap_cvg) of the edges"
    echo "$(stat saved_crashes) crashes, $(stat saved_hangs) hangs"
    if [ $code -eq 0 ] && [ "$(stat saved_crashes)" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -n 5 "$folder/afl-$target.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
