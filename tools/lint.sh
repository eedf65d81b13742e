#!/bin/sh
# lint.sh BUILD - prove the rules of the house; prints what breaks them
#
# Needs the separate objects (BUILD/obj/src) and BUILD/libhi5.a.
set -u
build=$1
failed=0
obj=$build/obj/src

fail() {
    echo "lint: $*"
    failed=$((failed + 1))
}
exists() { for f; do [ -f "$f" ] && echo "$f"; done; }
undefined() { nm -u "$1" | awk '{ sub(/@.*/, "", $NF); print $NF }'; }
# refers OBJECT 'a|b|c': those of the functions that the object refers to
refers() { undefined "$1" | grep -xE "_?($2)" | tr '\n' ' '; }

# Includes against the stack; [FMT] tags against the specification.
# shellcheck disable=SC2046
awk -f tools/layers.awk $(exists src/*/*.[ch] cli/*.[ch] tests/*/*.[ch] tests/*.c \
    examples/*.c fuzz/*.c) || fail "includes break the layers"
# shellcheck disable=SC2046
awk -f tools/spec.awk $(exists src/*/*.[ch]) >"$build/spec.txt" || {
    grep MISSING "$build/spec.txt"
    fail "sections without code, see $build/spec.txt"
}

# The library exports hi5_* and nothing else.
others=$(nm -g --defined-only "$build/libhi5.a" | awk 'NF == 3 && $3 !~ /^_?hi5_/ { print $3 }')
[ -z "$others" ] || fail "exported: $others"

memory='malloc|calloc|realloc|free|reallocarray|strdup|strndup|posix_memalign|aligned_alloc'
files='open|open64|openat|fopen|fopen64|close|read|write|pread|pread64|pwrite|pwrite64|lseek|lseek64|stat|stat64|fstat|fstat64|lstat|mmap|munmap|fsync|ftruncate|realpath|readlink|access'
never='printf|fprintf|vprintf|vfprintf|puts|putchar|fputs|perror|abort|exit|_exit|getenv|setlocale|strtok|rand|time|signal|sprintf|vsprintf|strcpy|strcat|alloca'
for f in src/*/*.c; do
    o=$obj/${f#src/}
    o=${o%.c}.o
    [ -f "$o" ] || continue
    case $f in
    src/base/io*.c) bad=$(refers "$o" "$(echo "$never" | sed 's/|time|/|/')") ;; # the clock
    *) bad=$(refers "$o" "$never") ;;
    esac
    [ -z "$bad" ] || fail "$f calls $bad"
    case $f in
    src/base/mem.c) ;;
    src/base/io.c) # free, for what realpath gives
        bad=$(refers "$o" 'malloc|calloc|realloc')
        [ -z "$bad" ] || fail "$f calls $bad"
        ;;
    *)
        bad=$(refers "$o" "$memory")
        [ -z "$bad" ] || fail "$f calls $bad(only base/mem.c may)"
        ;;
    esac
    case $f in
    src/base/io*.c) ;;
    *)
        bad=$(refers "$o" "$files")
        [ -z "$bad" ] || fail "$f calls $bad(only base/io*.c may)"
        ;;
    esac
    # Variables that can change: .data and .bss, but not constants with relocations.
    bad=$(nm --format=sysv "$o" | awk -F '|' '$4 ~ /OBJECT/ && $7 ~ /^(\.data|\.bss|\*COM\*)/ &&
        $7 !~ /^\.data\.rel\.ro/ { print $1 }' | grep -v '^__' | tr '\n' ' ')
    [ -z "$bad" ] || fail "$f has variables that can change: $bad"
    t=tests/unit/test_$(basename "$f")
    [ -f "$t" ] || echo "lint: note: no $t"
done

# File basenames, and file-local names, are unique in the library.
twice=$(for f in src/*/*.c; do basename "$f"; done | sort | uniq -d)
[ -z "$twice" ] || fail "file names used twice: $twice"
twice=$(find "$obj" -name '*.o' -exec nm --defined-only {} + 2>/dev/null |
    awk 'NF == 3 && $2 ~ /^[TtRrDdBb]$/ && $3 !~ /^[._]|\./ { print $3 }' | sort | uniq -d)
[ -z "$twice" ] || fail "names used twice: $twice"

# Aims rather than rules: files of 250 to 600 lines, lines of 88 columns.
# shellcheck disable=SC2046
awk 'FNR == 1 { if (prev && lines > 900) print "lint: note: " prev " has " lines " lines"; prev = FILENAME }
    { lines = FNR }
    length($0) > 100 { long[FILENAME]++ }
    END { for (f in long) print "lint: note: " f " has " long[f] " lines over 100 columns" }' \
    $(exists src/*/*.[ch] cli/*.[ch])

# The public header stands alone, in C and in C++.
echo '#include "hi5.h"' | ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude \
    -fsyntax-only -x c - || fail "hi5.h does not compile as C"
if command -v c++ >/dev/null 2>&1; then
    echo '#include "hi5.h"' | c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude \
        -fsyntax-only -x c++ - || fail "hi5.h does not compile as C++"
fi

if [ $failed -eq 0 ]; then
    echo "lint: 1 passed, 0 failed"
fi
[ $failed -eq 0 ]
