#!/bin/sh
# run.sh FOLDER SECONDS TARGET... - run each fuzzer in FOLDER for so long
#
# What is found goes to FOLDER/found-TARGET; the corpora grow in FOLDER/corpus-TARGET and
# are there for the next time. The last line tells how many targets found nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$1
seconds=$2
shift 2
passed=0
failed=0

"$folder/seeds" "$folder/seed" fixtures/good/*.h5 || exit 1
for target; do
    mkdir -p "$folder/corpus-$target" "$folder/found-$target" "fuzz/found/$target"
    echo "-- $target"
    if "$folder/fuzz-$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
        -dict=fuzz/hdf5.dict -artifact_prefix="$folder/found-$target/" \
        -print_final_stats=1 -verbosity=1 \
        "$folder/corpus-$target" "$folder/seed/$target" "fuzz/found/$target" \
        >"$folder/$target.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        grep -E 'ERROR|SUMMARY|: .*: |Test unit written' "$folder/$target.log" | tail -n 20
    fi
    grep -E 'stat::number_of_executed_units|stat::peak_rss' "$folder/$target.log"
    grep -E '^#[0-9]+.*cov:' "$folder/$target.log" | tail -n 1
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
