#!/bin/sh
# truth.sh BUILD - compare what BUILD/truth says of each good fixture with NAME.jsonl,
# which was made with libhdf5
#
# A line of NAME.jsonl that has "error" tells what libhdf5 could not read: it is not
# compared. NAME.jsonl may begin with "# needs FILTER ..." (names as in the Makefile's
# HAVE) and "# driver NAME"; a fixture whose filters are not built in is left out.
set -u
build=$1
truth=$(cd "$build" && pwd)/truth
work=$build/truth.tmp
passed=0
failed=0
left_out=0
mkdir -p "$work"

for want in fixtures/good/*.jsonl; do
    [ -f "$want" ] || continue
    name=${want%.jsonl}
    needs=$(sed -n 's/^# needs //p' "$want")
    driver=$(sed -n 's/^# driver //p' "$want")
    opened=$(sed -n 's/^# open //p' "$want")
    ok=yes
    for n in $needs; do
        case " ${HI5_FILTERS:-} " in *" $n "*) ;; *) ok=no ;; esac
    done
    if [ $ok = no ]; then
        left_out=$((left_out + 1))
        continue
    fi
    # In its folder: raw data in other files is found from there.
    (cd fixtures/good && "$truth" ${driver:+-f "$driver"} "${opened:-$(basename "$name")}") \
        >"$work/got" 2>"$work/err"
    code=$?
    if sh tools/compare.sh "$want" "$work/got" >"$work/diff" && [ ! -s "$work/err" ] &&
        [ $code -le 3 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$name: differs (status $code)"
        cat "$work/err"
        cut -c 1-600 "$work/diff" | head -n 20
    fi
done

[ $left_out -eq 0 ] || echo "$left_out left out: filters that are not built in"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
