#!/bin/sh
# pitfalls.sh - pitfalls of tools: TOOL-xx of docs/pitfalls.md, and EVIL-32
#
# HI5 is the tool. The last line is for tools/check.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
hi5=${HI5:-$here/../../build/hi5}
case $hi5 in /*) ;; *) hi5=$(pwd)/$hi5 ;; esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export TZ=UTC LC_ALL=C
unset COLUMNS HDF5_EXT_PREFIX HDF5_VDS_PREFIX HDF5_EXTFILE_PREFIX
cd "$here/../../fixtures/good" || exit 1
passed=0 failed=0

# same WHAT WANTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3" | cut -c 1-300
    fi
}

# The exit status of a command, which is killed after 20 seconds.
status() {
    timeout 20 "$@" >"$work/out" 2>"$work/err"
    echo $?
}

# TOOL-11: an option that is the beginning of another is neither that nor ignored.
for tool in ls dump cat; do
    "$hi5" $tool --help | grep -oE -- '--[a-z][-_a-z]+' | sort -u >"$work/options"
    wrong=
    while read -r o; do
        for cut in 1 3; do
            short=$(printf '%s' "$o" | sed "s/.\{$cut\}\$//")
            case $short in -- | --?) continue ;; esac
            grep -qx -- "$short" "$work/options" && continue
            [ "$(status "$hi5" $tool "$short" demo.h5)" = 1 ] &&
                grep -qF -- "$short" "$work/err" || wrong="$wrong $short"
        done
    done <"$work/options"
    same "TOOL-11 $tool" "" "$wrong"
    same "TOOL-11 $tool has options" yes "$(grep -c . "$work/options" |
        awk '$1 > 4 { print "yes" }')"
done

# TOOL-12: a subset of four dimensions, by dump and by cat.
"$hi5" cat -f csv 'pit-chunks-new.h5/4-d chunked[1:4:2, 0:4:2, 1:3, [0,1,3,4]]' |
    tr ',' '\n' | tr -d ' ' >"$work/cat"
"$hi5" dump -y -w 0 -d '/4-d chunked' -s 1,0,1,0 -S 2,2,1,3 -c 2,2,2,2 -k 1,1,1,2 \
    -O -o "$work/dump" pit-chunks-new.h5 >/dev/null
same "TOOL-12 how many" 32 "$(grep -c . "$work/cat")"
same "TOOL-12 dump and cat" "$(cat "$work/cat")" "$(tr -s ' ,' '\n\n' <"$work/dump" |
    grep .)"
same "TOOL-12 values" "78 79 81 82" "$(head -n 4 "$work/cat" | tr '\n' ' ' | sed 's/ $//')"

# TOOL-13: names that look like subsets, lists, or nothing at all.
n=3
for name in 'a[1]' 'b;c' 'x y' 'tab	here' 'back\slash' 'new
line'; do
    for f in pit-names-old.h5 pit-names-new.h5; do
        same "TOOL-13 cat $name" "[$n 0 0 0]" "$("$hi5" cat "$f/$name" 2>&1)"
        same "TOOL-13 dump -C $name" "$n, 0, 0, 0" "$("$hi5" dump -C -y -A 0 -d "/$name" \
            "$f" 2>&1 | sed -n '/DATA {/{n;s/^ *//p;}')"
    done
    n=$((n + 1))
done
same "TOOL-13 not with -C" 1 "$(status "$hi5" dump -d '/a[1]' pit-names-old.h5)"

# TOOL-14: bytes of several datasets, and not of their attributes.
"$hi5" dump -d /Day -d /DayNight -b LE -o "$work/bytes" pit-names-old.h5 >/dev/null 2>&1
same "TOOL-14 size" 32 "$(wc -c <"$work/bytes" | tr -d ' ')"
same "TOOL-14 bytes" "0 0 0 0 1 0 0 0" \
    "$(od -An -v -td4 "$work/bytes" | tr -s ' \n' ' ' | sed 's/^ //; s/ $//')"

# TOOL-15: signs and sizes are the file's, not the machine's: the same bytes in each.
same "TOOL-15 i8 be" "5, 4, -117, -94, -24" \
    "$("$hi5" dump -y -d /integers/standard01 types-old.h5 | sed -n '/DATA {/{n;s/^ *//p;}')"
same "TOOL-15 u8 be" "5, 4, 139, 162, 232" \
    "$("$hi5" dump -y -d /integers/standard09 types-old.h5 | sed -n '/DATA {/{n;s/^ *//p;}')"
same "TOOL-15 names" "H5T_STD_I8BE" \
    "$("$hi5" dump -H -d /integers/standard01 types-old.h5 | sed -n 's/^ *DATATYPE *//p')"
same "TOOL-15 cat" "[   5    4 -117  -94  -24]" "$("$hi5" cat types-new.h5/integers/standard01)"

# TOOL-16: a committed type is spelled once, where it is; references say of what kind.
"$hi5" dump -H -g /committed types-old.h5 >"$work/out"
same "TOOL-16 spelled once" 1 "$(grep -c '"c with blanks"' "$work/out")"
same "TOOL-16 by name" 1 "$(grep -c 'DATATYPE  "/committed/compound"' "$work/out")"
same "TOOL-16 kinds" "H5T_STD_REF_DSETREG H5T_STD_REF_OBJECT" \
    "$("$hi5" dump -H refs-old.h5 | grep -oE 'H5T_STD_REF_[A-Z]+' | sort -u | tr '\n' ' ' |
        sed 's/ $//')"

# TOOL-17: dangling links are told of and are no failure; a missing file is one.
for f in groups-old.h5 links-source.h5 pit-names-new.h5; do
    same "TOOL-17 ls -r $f" 0 "$(status "$hi5" ls -r "$f")"
    same "TOOL-17 ls --follow-symlinks $f" 0 \
        "$(status "$hi5" ls -r --follow-symlinks "$f")"
    same "TOOL-17 dump $f" 0 "$(status "$hi5" dump -H "$f")"
done
same "TOOL-17 counted with -G" 1 \
    "$(status "$hi5" ls -r --follow-symlinks --no-dangling-links links-source.h5)"
for tool in ls dump cat; do
    same "TOOL-17 $tool, no file" 1 "$(status "$hi5" $tool no-such-file.h5/x)"
    same "TOOL-17 $tool, no object" 1 "$(status "$hi5" $tool demo.h5/no-such)"
done

# TOOL-18: what ls makes of a name can be undone.
"$hi5" ls -S pit-names-old.h5 | sed 's/   *\(Dataset\|Group\).*//; s/\\ / /g' >"$work/names"
# shellcheck disable=SC2059
printf "$(cat "$work/names")\n" >"$work/plain"
printf '%s\n' Day DayNig DayNight 'a[1]' again 'b;c' 'back\slash' group members 'new
line' 'tab	here' 'x y' 'αβ' >"$work/wanted"
same "TOOL-18 names" "$(cat "$work/wanted")" "$(cat "$work/plain")"

# TOOL-19: addresses of chunks are those of the file: chunk (4, 3) begins with 31.
address=$("$hi5" ls -va 'layouts-new.h5/fixed array' |
    sed -n 's/^ *0x00000000 *24 *\([0-9]*\) \[4, 3, 0\]$/\1/p')
same "TOOL-19 chunk" "0 31" \
    "$(dd if=layouts-new.h5 bs=1 skip="${address:-0}" count=2 2>/dev/null | od -An -tu1 |
        tr -s ' ' | sed 's/^ //; s/ $//')"

# TOOL-23, TOOL-24: each link once, whatever hard links and cycles there are: as many
# lines as the description of the file has, less the one of the file itself.
wrong='' n=0
for f in *.h5; do
    [ -f "$f.jsonl" ] || continue
    head -n 1 "$f.jsonl" | grep -q '^#' && continue
    n=$((n + 1))
    [ "$(($(grep -c . "$f.jsonl") - 1))" = \
        "$(timeout 20 "$hi5" ls -r "$f" 2>/dev/null | grep -c .)" ] || wrong="$wrong $f"
done
same "TOOL-24" "" "$wrong"
same "TOOL-24 files" yes "$([ $n -gt 60 ] && echo yes)"

# EVIL-32: what a file calls things cannot command the terminal. (What h5dump prints, and
# h5ls -v, is printed as they do.)
esc=$(printf '\033')
sed "s/contiguous/con${esc}iguous/g; s/deflate/de${esc}late/g" sb0.h5 >"$work/names.h5"
same "EVIL-32 names" 1 "$(grep -ac "con${esc}iguous" "$work/names.h5")"
for command in "ls -r" "check" "check --json" "map" "map --json" "map --svg=/dev/stdout" \
    "map --html=/dev/stdout"; do
    # shellcheck disable=SC2086
    "$hi5" $command "$work/names.h5" >"$work/out" 2>&1
    same "EVIL-32 $command" 0 "$(grep -c "$esc" "$work/out")"
done
"$hi5" cat "$work/names.h5/no${esc}such" >"$work/out" 2>&1
same "EVIL-32 cat" 0 "$(grep -c "$esc" "$work/out")"
same "EVIL-32 cat says why" 1 "$(grep -c 'no\\033such' "$work/out")"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
