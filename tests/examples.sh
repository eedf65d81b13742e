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

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
