#!/bin/sh
# examples.sh BUILD - the examples do what their comments say
set -u
build=$1
demo=fixtures/good/demo.h5
passed=0
failed=0

# expect STATUS OUTPUT PROGRAM ARGUMENT...
expect() {
    status=$1
    wanted=$2
    program=$3
    shift 3
    got=$("$build/examples/$program" "$@" 2>&1)
    code=$?
    if [ $code -eq "$status" ] && [ "$got" = "$wanted" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s %s: status %d\n%s\n' "$program" "$*" $code "$got"
    fi
}

expect 0 "\
601 797 905 909 845 758
797 912 884 757 603 473
905 884 722 516 345 232
909 757 516 305 170 100" read_tile $demo /detector/images
expect 0 "\
295
297.143
299.286
301.429
303.571
305.714
307.857
310" in_memory $demo /sample/temperature
# Addresses are left out.
walked=$("$build/examples/walk" $demo | sed 's/ (0x[0-9a-f]*)//')
if [ "$walked" = "\
detector
  images
  latest -> /detector/images
  mask
sample
  calibration -> /run17
  log
  name
  temperature" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    printf 'walk: %s\n' "$walked"
fi
if "$build/examples/read_tile" $demo /none >/dev/null 2>&1; then
    failed=$((failed + 1))
    echo "read_tile: /none is found"
else
    passed=$((passed + 1))
fi

# What the examples write, h5dump reads.
out=$build/examples/out.h5
# wrote PROGRAM ARGUMENTS WANTED H5DUMP-OPTION...: the wanted lines are all there
wrote() {
    program=$1
    arguments=$2
    wanted=$3
    shift 3
    # shellcheck disable=SC2086
    if "$build/examples/$program" "$out" $arguments >"$out.txt" 2>&1 &&
        "$build/hi5" check --quiet "$out" && h5dump "$@" "$out" >>"$out.txt" 2>&1; then
        missing=$(echo "$wanted" | while IFS= read -r line; do
            grep -qF -- "$line" "$out.txt" || echo "$line"
        done)
    else
        missing="(it failed)"
    fi
    if [ -z "$missing" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: missing: %s\n' "$program" "$missing"
        cat "$out.txt"
    fi
}

if command -v h5dump >/dev/null 2>&1; then
    wrote weather "" 'DATASPACE  SIMPLE { ( 1024 ) / ( 1024 ) }
(0): 0, 3.5, 7, 10.5, 2.5, 6, 9.5, 1.5, 5, 8.5, 0.5, 4, 7.5, 11, 3, 6.5,
(0): "m/s"
(0): 10' -d /15/wind
    wrote traces 250 'DATASPACE  SIMPLE { ( 250, 1000 ) / ( H5S_UNLIMITED, 1000 ) }
(249,999): 43' -d '/traces[249,999;;1,1]'
    wrote tiles "" '104 114' -H
    wrote table "" '"List auf Sylt"
1013.2,' -d /readings
    wrote references "" '2 4 8 -2
/runs/run2"
(0): 3, 9, 27, -3' -d /best
    wrote scales "" '(0): "latitude", NULL
"dataset";
(0): "lat"' -A
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
