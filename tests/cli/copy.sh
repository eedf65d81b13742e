#!/bin/sh
# copy.sh - hi5 cp and hi5 repack against h5copy, h5diff, and what is in the fixtures
#
# HI5 is the tool; build/truth, beside it, says what a file holds. The last line is for
# tools/check.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
hi5=${HI5:-$here/../../build/hi5}
case $hi5 in /*) ;; *) hi5=$(pwd)/$hi5 ;; esac
truth=$(dirname "$hi5")/truth
good=$here/../../fixtures/good
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C HDF5_USE_FILE_LOCKING=FALSE
passed=0 failed=0

ok() {
    passed=$((passed + 1))
}

bad() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$1" | cut -c 1-400
}

# What a file holds, but for what a copy may have otherwise: forms of storage, and numbers
# that only count what was made when.
facts() {
    "$truth" "$1" 2>/dev/null | sed -E '/"kind":"file"/d
        s/"(index|ohdr|storage|maxcorder|lcorder|corder|times|stored|masked)":("[^"]*"|\[[^]]*\]|[0-9]+),?//g'
}

# The same where layouts are others.
values() {
    facts "$1" | sed -E 's/"(layout|chunk|nchunks|fill|filters|maxshape)":("[^"]*"|\{[^}]*\}|\[(\[[^]]*(\[[^]]*\])?\],?)*\]|\[[^]]*\]|[0-9]+),?//g'
}

# repack FILE FACTS OPTION...: the new file holds the same, is sound if the old one is, and
# has no byte that is lost, but where pages end.
repack() {
    file=$1 what=$2
    shift 2
    if ! "$hi5" repack "$@" "$file" new.h5 >"$work/out" 2>&1; then
        bad "repack $* $file: $(cat "$work/out")"
        return
    fi
    $what "$file" >"$work/old"
    $what new.h5 | sed 's/new\.h5/'"$file"'/g' >"$work/new"
    if [ ! -s "$work/old" ] || ! cmp -s "$work/old" "$work/new"; then
        bad "repack $* $file: $(diff "$work/old" "$work/new" | head -n 2)"
    elif "$hi5" check -q "$file" >/dev/null 2>&1 && ! "$hi5" check -q new.h5; then
        bad "repack $* $file: $("$hi5" check new.h5)"
    elif [ "${file#*page*}" = "$file" ] && "$hi5" map new.h5 | grep '^lost ' >"$work/lost"; then
        bad "repack $* $file: $(cat "$work/lost")"
    else
        ok
    fi
}

cp "$good"/*.h5 "$work" && cp "$good"/*.raw "$work" 2>/dev/null
cd "$work" || exit 1
for file in *.h5; do
    case $file in
    family* | split* | multi*) continue ;; # parts of files
    pit-chunks* | pit-refs.h5 | external.h5) few=1 ;;
    *) few= ;;
    esac
    "$hi5" ls "$file" >/dev/null 2>&1 || continue
    facts "$file" | grep -q 'not available in this build' && continue
    repack "$file" facts
    [ -n "$few" ] && continue
    repack "$file" facts --compat latest
    repack "$file" values -f SHUF -f GZIP=6
    repack "$file" values -l CHUNK=3
    repack "$file" values -l CONTI
    rm -f new.h5
done

# ---- with libhdf5's tools ----

if ! command -v h5copy >/dev/null || ! command -v h5diff >/dev/null; then
    echo "h5copy or h5diff is not there: their half is left out"
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
fi

# Half of what is in the root group is deleted; the rest is repacked without a gap.
for file in demo.h5 attrs-*.h5 groups-*.h5 layouts-*.h5 strings*.h5; do
    h5ls "$file" 2>/dev/null | sed -nE 's/^([A-Za-z0-9_-]+) .*/\1/p' | sed -n 'p;n' >names
    [ -s names ] || continue
    cp "$file" half.h5
    # shellcheck disable=SC2046 # names without blanks
    if "$hi5" rm $(sed 's|^|half.h5/|' names) >out 2>&1; then
        repack half.h5 facts
    fi
done

# Each object of the root group, copied by both: the copies are equal. References are null in
# both only where that is all there is; in compounds and sequences libhdf5 1.10 leaves bytes
# that mean nothing, and what it cannot compare counts for nothing.
for file in demo.h5 layouts-*.h5 groups-old.h5 strings*.h5 types-old.h5 filters-old.h5; do
    [ -f "$file" ] || continue
    h5ls "$file" | sed -nE 's/^([A-Za-z0-9_-]+) +(Group|Dataset|Type).*/\1/p' >names
    while read -r name; do
        rm -f a.h5 b.h5
        h5copy -i "$file" -o a.h5 -s "$name" -d x >/dev/null 2>&1 || continue
        if ! "$hi5" cp -f nullref -i "$file" -o b.h5 -s "$name" -d x 2>out; then
            bad "cp $file $name: $(cat out)"
            continue
        fi
        timeout 30 h5diff a.h5 b.h5 >out 2>&1
        case $? in
        1) bad "cp $file $name: $(cat out)" ;;
        *) ok ;;
        esac
    done <names
done

# ---- the command lines ----

# is WHAT WANTED GOT
is() {
    if [ "$2" = "$3" ]; then ok; else bad "$1: wanted '$2', got '$3'"; fi
}

status() {
    "$@" >out 2>err
    echo $?
}

rm -f a.h5 b.h5
is "two arguments" 0 "$(status "$hi5" cp demo.h5:/ a.h5:/whole)"
is "the same" "" "$(h5diff demo.h5 a.h5 / /whole 2>&1 | grep -i differ)"
is "a name that is taken" 1 "$(status "$hi5" cp demo.h5:/ a.h5:/whole)"
is "says so" yes "$(grep -q 'already' err && echo yes)"
is "no such object" 1 "$(status "$hi5" cp demo.h5:/nothing a.h5:/n)"
is "no parents" 1 "$(status "$hi5" cp a.h5:/whole a.h5:/p/q)"
is "parents" 0 "$(status "$hi5" cp -p a.h5:/whole a.h5:/p/q)"
is "-i alone" 1 "$(status "$hi5" cp -i demo.h5)"
is "no such flag" 1 "$(status "$hi5" cp -f deep demo.h5:/ a.h5:/x)"
is "a file that is no more" 1 "$(status "$hi5" repack nothing.h5 b.h5)"
is "nothing is left of it" "" "$(ls b.h5* 2>/dev/null)"
is "a filter that is none" 1 "$(status "$hi5" repack -f ZIP=1 demo.h5 b.h5)"
is "in place" 0 "$(status "$hi5" repack -f GZIP=9 a.h5)"
is "a user block" 0 "$(printf hello >u && status "$hi5" repack -u u -b 1024 demo.h5 b.h5)"
is "is there" hello "$(head -c 5 b.h5)"
is "and its size" 0x400 "$(printf 0x%x "$(grep -abo HDF b.h5 | head -n 1 | cut -d: -f1 |
    awk '{ print $1 - 1 }')")"

# A process that is killed leaves the old file alone, and nothing that is in the way.
"$hi5" repack demo.h5 c.h5
before=$(cksum <c.h5)
for n in 1 2 3 4 5 6 7 8; do
    "$hi5" repack -f SHUF -f GZIP=9 c.h5 c.h5 &
    pid=$!
    [ $n -lt 4 ] || sleep 0.00$n
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    if [ "$(cksum <c.h5)" = "$before" ]; then
        ok
    else
        is "killed, or done" 0 "$(status "$hi5" check -q c.h5)"
        before=$(cksum <c.h5)
    fi
done
is "shared messages by h5repack" 0 "$(h5repack -s 10 demo.h5 s.h5 && status "$hi5" repack s.h5)"
is "no page for this user block" 0 \
    "$(h5repack -S PAGE -P 1 -G 1024 demo.h5 p.h5 && status "$hi5" repack -b 512 p.h5)"
is "the rest is kept" yes "$("$hi5" check -v p.h5 >/dev/null && h5dump -B p.h5 |
    grep -q 'FREE_SPACE_PERSIST TRUE' && echo yes)"
is "nothing in the way" 0 "$(status "$hi5" repack c.h5)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
