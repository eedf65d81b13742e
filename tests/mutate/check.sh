#!/bin/sh
# check.sh BUILD [SEED] - mutants that were wrong once, and the share of the sweep that
# make check has time for
set -u
cd "$(dirname "$0")/../.." || exit 1
count=12000
nm "$1/mutate" 2>/dev/null | grep -q __asan_init && count=1500
set -- "$1" "${2:-1}" "${MUTANTS:-$count}"
build=$1 seed=$2 count=$3
set -- fixtures/good/family-%02d.h5 fixtures/good/family3-%02d.h5 fixtures/good/split \
    fixtures/good/split3 fixtures/good/multi
for file in fixtures/good/*.h5; do
    case $file in
    */family* | */split* | */multi*) ;;
    *) set -- "$@" "$file" ;;
    esac
done
passed=0
failed=0
while read -r change file what; do
    [ "$change" != '#' ] || continue
    if "$build/mutate" -x "$change" "fixtures/good/$file" >"$build/mutate.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "again: $file $change: $what"
        tail -n 3 "$build/mutate.log"
    fi
done <tests/mutate/found.txt
"$build/mutate" -s "$seed" -c "$count" "$@" >"$build/mutate.log" 2>&1
code=$?
grep -av '^[0-9]* passed' "$build/mutate.log"
line=$(grep -a '^[0-9]* passed' "$build/mutate.log" | tail -n 1)
[ -n "$line" ] || line='0 passed, 1 failed'
passed=$((passed + ${line%% *}))
line=${line#*, }
failed=$((failed + ${line%% *}))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ $code -eq 0 ]
