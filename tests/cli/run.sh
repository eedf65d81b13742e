#!/bin/sh
# run.sh - the tool's output, byte for byte; HI5 names the tool (build/hi5)
#
# Each *.t file here holds cases. A case is a line "$ ARGUMENTS" for the tool, which the
# shell splits and runs in fixtures/good; then what stdout has to be; then, if the exit
# status is not 0, a line "= STATUS". A line "# ..." before the first case, or after a
# blank line, is a comment. "+ COMMAND" after the case pipes stdout through a command;
# "? little-endian" after it: only on such a machine, whose own types the output names.
#
# UPDATE=1 writes what the tool prints into the files, to be looked at before it is kept.
set -u
here=$(cd "$(dirname "$0")" && pwd)
hi5=${1:-${HI5:-$here/../../build/hi5}}
case $hi5 in /*) ;; *) hi5=$(pwd)/$hi5 ;; esac
fixtures=$here/../../fixtures/good
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C
unset COLUMNS HDF5_EXT_PREFIX HDF5_VDS_PREFIX HDF5_EXTFILE_PREFIX
cd "$fixtures" || exit 1

order=big-endian
[ "$(printf '\1\0' | od -An -tu2 | tr -d ' ')" = 1 ] && order=little-endian
cases=0 failed=0

# Run the case whose parts are in $work, and compare.
finish() {
    [ -n "${arguments:-}" ] || return 0
    if [ -n "$only" ] && [ "$only" != "$order" ]; then
        printf '%s\n\n' "$expected" >>"$work/new"
        arguments=
        return 0
    fi
    cases=$((cases + 1))
    if [ -n "$filter" ]; then
        eval "\"\$hi5\" $arguments" 2>"$work/err" </dev/null | eval "$filter" >"$work/got"
        got_status=$status
    else
        eval "\"\$hi5\" $arguments" >"$work/got" 2>"$work/err" </dev/null
        got_status=$?
    fi
    {
        printf '$ %s\n' "$arguments"
        [ -z "$filter" ] || printf '+ %s\n' "$filter"
        [ -z "$only" ] || printf '? %s\n' "$only"
        sed 's/^\([$=+#?]\)/\\\1/; s/^$/\\/' "$work/got"
        # Output that does not end in a line end.
        [ ! -s "$work/got" ] || [ -z "$(tail -c 1 "$work/got")" ] || printf '\n\\c\n'
        [ "$got_status" = 0 ] || printf '= %s\n' "$got_status"
        echo
    } >"$work/case"
    cat "$work/case" >>"$work/new"
    printf '%s\n' "$expected" >"$work/want"
    sed '$d' "$work/case" >"$work/have"
    if [ -z "${UPDATE:-}" ] && ! cmp -s "$work/want" "$work/have"; then
        failed=$((failed + 1))
        echo "FAIL $name: hi5 $arguments"
        diff "$work/want" "$work/have" | head -20
        cat "$work/err"
    fi
    arguments=
}

for file in "$here"/*.t; do
    name=$(basename "$file")
    arguments= expected= filter= only= status=0
    : >"$work/new"
    while IFS= read -r line; do
        case $line in
        '$ '*)
            finish
            arguments=${line#??} expected=$line filter= only= status=0
            continue ;;
        '#'*)
            finish
            printf '%s\n' "$line" >>"$work/new"
            continue ;;
        '') continue ;;
        '+ '*) filter=${line#??} ;;
        '? '*) only=${line#??} ;;
        '= '*) status=${line#??} ;;
        esac
        expected="$expected
$line"
    done <"$file"
    finish
    [ -z "${UPDATE:-}" ] || cp "$work/new" "$file"
done

echo "cli: $((cases - failed)) of $cases cases passed"
[ "$failed" = 0 ]
